/** How many objects it takes to see whether it is worth while: where one in eight had a text that was known. */
const TRIAL = 64;
const WORTH = 8;
/** How many bytes of an object are looked at first; behind its type's name, objects mostly begin with their keys. */
const HEAD = 48;
/** Longer texts are compared by the machine, at the price of a call. */
const LONG = 96;

/** How many slots there are at first, and how many are kept from answer to answer; powers of two. */
const SLOTS = 64;
const KEPT_SLOTS = 4096;

/**
 * Objects of one shape in one answer: of those with the same text, one is enough, and the others need not be read. Used
 * for one answer after the other.
 */
export class Interning {
  /** Whether it is worth while: false once many objects were seen and few of them alike. */
  on = true;
  /** Where the object that was found ends. */
  end = 0;
  /** Of the object that was looked for last. */
  hash = 0;
  /** Positions in the lists below, plus one, by hash; 0 where there is none. Never more than half full. */
  #slots = new Int32Array(SLOTS);
  readonly #hashes: number[] = [];
  readonly #from: number[] = [];
  readonly #lengths: number[] = [];
  readonly #nodes: (object | null)[] = [];
  #count = 0;
  #found = 0;

  /**
   * The node of an object with the same text as the one that begins here; undefined where there is none.
   *
   * @param skip how many bytes are the same in all objects
   */
  find(bytes: Buffer, from: number, skip: number): object | undefined {
    let hash = 0;
    const head = Math.min(bytes.length, from + skip + HEAD);
    for (let at = from + skip; at < head; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    // Of a size that is kept without a box.
    hash = (hash ^ (hash >>> 15)) & 0x3fffffff;
    this.hash = hash;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = (this.#slots[slot] as number) - 1;
      if (known < 0) return undefined;
      // A text of an object is no beginning of another object's.
      if (this.#hashes[known] !== hash || !this.#isAt(known, bytes, from)) continue;
      this.#found++;
      this.end = from + (this.#lengths[known] as number);
      return this.#nodes[known] as object;
    }
  }

  /**
   * Takes note of the node of an object that `find` did not find.
   *
   * @param hash of `find`, as others may have been looked for since
   */
  // oxlint-disable-next-line max-params -- called for each object
  add(hash: number, from: number, to: number, node: object): void {
    const count = this.#count++;
    this.#hashes[count] = hash;
    this.#from[count] = from;
    this.#lengths[count] = to - from;
    this.#nodes[count] = node;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    else this.#put(count);
    if (this.#count % TRIAL === 0 && this.#found * WORTH < this.#count) this.on = false;
  }

  /** Forgets the answer. */
  reset(): void {
    const count = this.#count;
    if (count === 0) return;
    this.on = true;
    this.#count = 0;
    this.#found = 0;
    if (this.#slots.length > KEPT_SLOTS) {
      this.#slots = new Int32Array(SLOTS);
      for (const list of [this.#hashes, this.#from, this.#lengths, this.#nodes]) list.length = 0;
    } else {
      this.#slots.fill(0);
      this.#nodes.fill(null, 0, count);
    }
  }

  #put(position: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[position] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = position + 1;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let position = 0; position < this.#count; position++) this.#put(position);
  }

  #isAt(known: number, bytes: Buffer, at: number): boolean {
    const from = this.#from[known] as number;
    const length = this.#lengths[known] as number;
    if (at + length > bytes.length) return false;
    if (length > LONG) return bytes.compare(bytes, at, at + length, from, from + length) === 0;
    for (let index = 0; index < length; index++) if (bytes[from + index] !== bytes[at + index]) return false;
    return true;
  }
}
