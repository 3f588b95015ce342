import { maxHeaderSize } from "node:http";
import { FORBIDDEN, malformed, TOKEN } from "./syntax.ts";

/** Takes the pieces of a body. They are in memory that is used again. */
export type TakePiece = (bytes: Buffer, start: number, end: number) => void;

const CR = 13;
const LF = 10;
/** A chunk's size, in hexadecimal digits, with extensions behind it, which nobody here knows (RFC 9112, 7.1.1). */
const SIZE_LINE = new RegExp(`^([0-9a-f]{1,12})(?:;${TOKEN}(?:=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))?)*$`, "i");
/** A header, but none that would say how long the body is (RFC 9110, 6.5.1). */
const TRAILER = new RegExp(`^(?!(?:content-length|transfer-encoding):)${TOKEN}:`, "i");

/** Reads a body in chunks (RFC 9112, 7.1). Trailers are read and left. */
export class ChunkedBody {
  #expects: "size" | "data" | "data-end" | "trailer" | "end" = "size";
  /** Bytes of the chunk that are to come. */
  #left = 0;
  /** A line that has not come to its end, and the bytes of all lines of this kind. */
  #line = "";
  #lineBytes = 0;

  /**
   * Reads on.
   *
   * @returns where in the bytes the body ends; or -1 if more is to come
   * @throws Error where it is malformed
   */
  read(bytes: Buffer, start: number, take: TakePiece): number {
    let position = start;
    while (position < bytes.length) {
      if (this.#expects === "data") {
        const end = Math.min(bytes.length, position + this.#left);
        take(bytes, position, end);
        this.#left -= end - position;
        position = end;
        if (this.#left === 0) this.#expects = "data-end";
        continue;
      }
      position = this.#readLine(bytes, position);
      // A method may have changed it.
      if ((this.#expects as string) === "end") return position;
    }
    return -1;
  }

  /** Reads one line, or the part of it that is there. */
  #readLine(bytes: Buffer, start: number): number {
    const found = bytes.indexOf(LF, start);
    const end = found === -1 ? bytes.length : found + 1;
    this.#lineBytes += end - start;
    if (this.#lineBytes > maxHeaderSize) throw malformed("a line of a chunked body that is too long");
    this.#line += bytes.toString("latin1", start, end);
    if (found === -1) return end;
    const line = this.#line;
    this.#line = "";
    if (line.charCodeAt(line.length - 2) !== CR || line.indexOf("\r") !== line.length - 2) {
      throw malformed("a line of a chunked body that does not end in CR LF");
    }
    this.#takeLine(line.slice(0, -2));
    return end;
  }

  #takeLine(line: string): void {
    if (FORBIDDEN.test(line))
      throw malformed("a line of a chunked body with a character that may not be there");
    if (this.#expects === "trailer") {
      if (line === "") this.#expects = "end";
      else if (!TRAILER.test(line)) throw malformed("a trailer that is no header");
      return;
    }
    this.#lineBytes = 0;
    if (this.#expects === "data-end") {
      if (line !== "") throw malformed("a chunk that is longer than its size");
      this.#expects = "size";
      return;
    }
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) throw malformed("a chunk's size that is no number");
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? "trailer" : "data";
  }
}
