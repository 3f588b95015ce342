import { decodeContent, textOf, tooLarge } from "./content-coding.ts";

/** Collects the pieces of a body. Each is kept as it is, and must not change. */
export class ResponseBody {
  readonly #limitBytes: number;
  /** Most bodies are one piece. */
  #first: Buffer | null = null;
  #more: Buffer[] | null = null;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** @throws Error where the body grows larger than the bound */
  add(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#limitBytes) throw tooLarge(this.#limitBytes);
    if (this.#first === null) this.#first = piece;
    else (this.#more ??= [this.#first]).push(piece);
  }

  /**
   * The whole text.
   *
   * @throws Error where the body cannot be decoded, or is too large when it is; or the promise rejects with it
   */
  text(contentEncoding: string | undefined): string | Promise<string> {
    if (this.#first === null) return "";
    const bytes = this.#more === null ? this.#first : Buffer.concat(this.#more, this.#bytes);
    if (contentEncoding === undefined) return textOf(bytes);
    const decoded = decodeContent(bytes, contentEncoding, this.#limitBytes);
    return Buffer.isBuffer(decoded) ? textOf(decoded) : decoded.then(textOf);
  }
}
