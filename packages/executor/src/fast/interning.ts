/** How many objects it takes to see whether it is worth while: where one in eight had a text that was known. */
const TRIAL = 64;
const WORTH = 8;
/** How many bytes of an object are looked at first; behind its type's name, objects mostly begin with their keys. */
const HEAD = 48;
/** Longer texts are compared by the machine, at the price of a call. */
const LONG = 96;

interface Known {
  readonly node: object;
  readonly from: number;
  readonly length: number;
  /** Another one that begins alike. */
  readonly next: Known | undefined;
}

/** Objects of one shape in one answer: of those with the same text, one is enough, and the others need not be read. */
export class Interning {
  /** Whether it is worth while: false once many objects were seen and few of them alike. */
  on = true;
  /** Where the object that was found ends. */
  end = 0;
  readonly #known = new Map<number, Known>();
  #hash = 0;
  #added = 0;
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
    this.#hash = hash;
    let known = this.#known.get(hash);
    // A text of an object is no beginning of another object's.
    while (known !== undefined && !isAt(bytes, from, known)) known = known.next;
    if (known === undefined) return undefined;
    this.#found++;
    this.end = from + known.length;
    return known.node;
  }

  /**
   * Takes note of the node of an object that `find` did not find.
   *
   * @param hash of `find`, as others may have been looked for since
   */
  // oxlint-disable-next-line max-params -- called for each object
  add(hash: number, from: number, to: number, node: object): void {
    this.#known.set(hash, { node, from, length: to - from, next: this.#known.get(hash) });
    if (++this.#added % TRIAL === 0 && this.#found * WORTH < this.#added) this.on = false;
  }

  get hash(): number {
    return this.#hash;
  }
}

function isAt(bytes: Buffer, at: number, { from, length }: Known): boolean {
  if (at + length > bytes.length) return false;
  if (length > LONG) return bytes.compare(bytes, at, at + length, from, from + length) === 0;
  for (let index = 0; index < length; index++) if (bytes[from + index] !== bytes[at + index]) return false;
  return true;
}
