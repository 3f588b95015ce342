import { decodeContent, tooLarge } from "./content-coding.ts";

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
   * The whole body, without its content codings.
   *
   * @throws Error where the body cannot be decoded, or is too large when it is; or the promise rejects with it
   */
  bytes(contentEncoding: string | undefined): Buffer | Promise<Buffer> {
    if (this.#first === null) return EMPTY;
    const bytes = this.#more === null ? this.#first : Buffer.concat(this.#more, this.#bytes);
    return contentEncoding === undefined ? bytes : decodeContent(bytes, contentEncoding, this.#limitBytes);
  }
}

const EMPTY = Buffer.alloc(0);
