/** Room for a head; larger ones are written apart. */
const HEAD_BYTES = 2 * 1024;
/** Larger bodies are written apart: what putting them together saves is nothing beside sending them. */
const BODY_BYTES = 512 * 1024;
/** Memory is taken in steps, so that answers of about one length use the same. */
const STEP_BYTES = 64 * 1024;

/**
 * Puts heads before a body that several clients get, one after the other. One piece of memory is written at half of what
 * two cost on their way to the system, and the body is copied once for all.
 */
export class SharedAnswer {
  #memory: Buffer | null = null;
  /** The body that came last, and whether it is in the memory. */
  #body: Buffer | null = null;
  #isCopied = false;

  /**
   * Head and body in one piece, until the next call.
   *
   * @param head in Latin 1
   * @returns null where that is not worth it: for a body that comes for the first time, and for large ones
   */
  join(head: string, body: Buffer): Buffer | null {
    if (this.#body !== body) {
      this.#body = body;
      this.#isCopied = false;
      return null;
    }
    if (head.length > HEAD_BYTES || body.length > BODY_BYTES) return null;
    const memory = this.#memoryOf(body);
    const start = HEAD_BYTES - head.length;
    memory.write(head, start, "latin1");
    return memory.subarray(start, HEAD_BYTES + body.length);
  }

  /** What was given last is still to be read by somebody. */
  leave(): void {
    this.#memory = null;
    this.#isCopied = false;
  }

  #memoryOf(body: Buffer): Buffer {
    const size = HEAD_BYTES + body.length;
    if (this.#memory === null || this.#memory.length < size) {
      this.#memory = Buffer.allocUnsafeSlow(Math.ceil(size / STEP_BYTES) * STEP_BYTES);
      this.#isCopied = false;
    }
    if (!this.#isCopied) body.copy(this.#memory, HEAD_BYTES);
    this.#isCopied = true;
    return this.#memory;
  }
}
