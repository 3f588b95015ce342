import { maxHeaderSize } from "node:http";
import { type AnswerMemory, takeAnswerMemory } from "../answer-memory.ts";
import { decodeContent, tooLarge } from "../content-coding.ts";
import type { WholeBody } from "../http-call.ts";
import { ResponseBody } from "../response-body.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { readHead, type ResponseHead } from "./response-head.ts";
import { malformed } from "./syntax.ts";

const AT_ONCE_BYTES = 1024 * 1024;

/** Before which most heads end. */
const SHORT_HEAD_BYTES = 1_024;

const CR = 13;
const LF = 10;

/** Where the empty line after a head begins, if the head is short; else -1. */
function endOfHead(bytes: Buffer, start: number): number {
  const last = Math.min(bytes.length, start + SHORT_HEAD_BYTES) - 3;
  for (let at = start; at < last; at++) {
    if (bytes[at] === CR && bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) return at;
  }
  return -1;
}

/** Reads one answer as it comes. */
export class ResponseReader {
  readonly #limitBytes: number;
  readonly #body: ResponseBody;
  /** The part of a head that came, where it has not come to its end. */
  #headText = "";
  #chunks: ChunkedBody | null = null;
  /** Bytes of the body that are to come, where its length is known. */
  #left = 0;
  /** Memory for the whole body, where its length is known, and not such that it may be a lie. */
  #whole: AnswerMemory | null = null;
  head: ResponseHead | null = null;
  /** Whether a byte of the answer has come. */
  hasBegun = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#body = new ResponseBody(limitBytes);
  }

  /**
   * Reads on.
   *
   * @param bytes in memory that is used again when this returns
   * @returns where in the bytes the answer ends; or -1 if more is to come
   * @throws Error where it is malformed or too large
   */
  read(bytes: Buffer): number {
    this.hasBegun = true;
    let position = 0;
    while (this.head === null) {
      position = this.#readHead(bytes, position);
      if (position === -1) return -1;
    }
    const { bodyLength } = this.head;
    if (bodyLength === "chunked") {
      this.#chunks ??= new ChunkedBody();
      return this.#chunks.read(bytes, position, (piece, from, to) => this.#keep(piece, from, to));
    }
    if (bodyLength === "until-close") {
      if (position < bytes.length) this.#keep(bytes, position, bytes.length);
      return -1;
    }
    const end = Math.min(bytes.length, position + this.#left);
    if (this.#whole === null) this.#keep(bytes, position, end);
    else bytes.copy(this.#whole.bytes, bodyLength - this.#left, position, end);
    this.#left -= end - position;
    return this.#left === 0 ? end : -1;
  }

  /** A body that has come to its end. */
  body(): WholeBody {
    const coding = this.head?.headers["content-encoding"];
    if (this.#whole === null) return this.#body.bytes(coding);
    return coding === undefined ? this.#whole : decodeContent(this.#whole.bytes, coding, this.#limitBytes);
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    if (end === start) return;
    const piece = takeAnswerMemory(end - start).bytes;
    bytes.copy(piece, 0, start, end);
    this.#body.add(piece);
  }

  /** Reads a head to its end, and leaves one out that only says that the answer is on its way (RFC 9110, 15.2). */
  #readHead(bytes: Buffer, start: number): number {
    if (this.#headText === "") {
      const end = endOfHead(bytes, start);
      if (end !== -1) {
        this.#takeHead(readHead(bytes.toString("latin1", start, end)));
        return end + 4;
      }
    }
    const before = this.#headText.length;
    const text =
      this.#headText + bytes.toString("latin1", start, Math.min(bytes.length, start + maxHeaderSize + 4));
    const end = text.indexOf("\r\n\r\n");
    if (end > maxHeaderSize || (end === -1 && text.length > maxHeaderSize)) {
      throw malformed(`a head of more than ${maxHeaderSize} bytes`);
    }
    if (end === -1) {
      if (!"HTTP/1.".startsWith(text.slice(0, 7))) throw malformed("no status line");
      if (/(?<!\r)\n/.test(text)) throw malformed("a line of a head that does not end in CR LF");
      this.#headText = text;
      return -1;
    }
    this.#headText = "";
    this.#takeHead(readHead(text.slice(0, end)));
    return start + end + 4 - before;
  }

  #takeHead(head: ResponseHead): void {
    if (head.status === 101) throw malformed("a switch to another protocol, which nobody asked for");
    if (head.status < 200) return;
    this.head = head;
    if (typeof head.bodyLength !== "number") return;
    if (head.bodyLength > this.#limitBytes) throw tooLarge(this.#limitBytes);
    this.#left = head.bodyLength;
    if (this.#left > 0 && this.#left <= AT_ONCE_BYTES) this.#whole = takeAnswerMemory(this.#left);
  }
}
