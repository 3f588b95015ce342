/** Smaller ones are cheaper to allocate than to keep. */
const SMALLEST_BYTES = 16 * 1024;
const LARGEST_BYTES = 1024 * 1024;
/** Of all that is kept for later. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** Set in memory of here: whether somebody has it. */
const OUT: unique symbol = Symbol("out");
type OwnMemory = ArrayBuffer & { [OUT]?: boolean };

/**
 * Memory for responses that is used again once they are sent. Allocating it for each costs more than filling it: the
 * system has to find its pages, and the garbage collector runs for the sum of their lengths.
 */
export class ResponseMemory {
  /** By length. */
  readonly #free = new Map<number, OwnMemory[]>();
  #kept = 0;

  /** Memory of this length. What is in it is of others. */
  take(length: number): Buffer {
    if (length < SMALLEST_BYTES || length > LARGEST_BYTES) return Buffer.allocUnsafeSlow(length);
    const size = sizeFor(length);
    let memory: OwnMemory | undefined = this.#free.get(size)?.pop();
    if (memory === undefined) memory = Buffer.allocUnsafeSlow(size).buffer;
    else this.#kept -= size;
    memory[OUT] = true;
    return Buffer.from(memory, 0, length);
  }

  /** Takes memory back. Nobody may look at it any more. Memory that is not of here, or was given back, is left alone. */
  release({ buffer }: Buffer): void {
    const memory: OwnMemory = buffer as ArrayBuffer;
    if (memory[OUT] !== true) return;
    memory[OUT] = false;
    const size = memory.byteLength;
    if (this.#kept + size > KEPT_BYTES) return;
    this.#kept += size;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [memory]);
    else free.push(memory);
  }
}

/** A length that others have as well, and up to an eighth more than is needed. */
function sizeFor(length: number): number {
  const step = 2 ** (Math.floor(Math.log2(length)) - 3);
  return Math.ceil(length / step) * step;
}

/** Of all responses of the process. */
export const responseMemory = new ResponseMemory();
