import { responseMemory } from "../response-memory.ts";

/** Most answers are short, and live for the length of a request: many share a slab. */
const SLAB_BYTES = 256 * 1024;
/** Longer ones have memory of their own. */
const LONG_BYTES = SLAB_BYTES / 4;
/** How many slabs are kept for later. */
const KEPT_SLABS = 64;

/** Memory of one answer, until it is released: then it is another's. */
export interface AnswerMemory {
  readonly bytes: Buffer;
  /** At most once. */
  release(): void;
}

class Slab {
  readonly buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  used = 0;
  /** How many answers are in it that were not released. */
  answers = 0;
}

class SlabMemory implements AnswerMemory {
  readonly bytes: Buffer;
  readonly #slab: Slab;

  constructor(slab: Slab, length: number) {
    this.#slab = slab;
    this.bytes = slab.buffer.subarray(slab.used, slab.used + length);
    slab.used += length;
    slab.answers++;
  }

  release(): void {
    const slab = this.#slab;
    if (--slab.answers > 0) return;
    slab.used = 0;
    if (slab !== current && free.length < KEPT_SLABS) free.push(slab);
  }
}

class LongMemory implements AnswerMemory {
  readonly bytes: Buffer;

  constructor(length: number) {
    this.bytes = responseMemory.take(length);
  }

  release(): void {
    responseMemory.release(this.bytes);
  }
}

let current = new Slab();
/** Slabs that hold nothing. A slab with an answer that nobody releases is the garbage collector's. */
const free: Slab[] = [];

/** Memory for an answer of so many bytes. What is in it is of others. */
export function takeAnswerMemory(length: number): AnswerMemory {
  if (length > LONG_BYTES) return new LongMemory(length);
  if (current.used + length > SLAB_BYTES) current = free.pop() ?? new Slab();
  return new SlabMemory(current, length);
}
