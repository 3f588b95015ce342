/** How many objects it takes to see that none of them are alike. */
const TRIAL = 48;

/** Objects of one shape in one answer: of those with the same text, one is enough. */
export class Interning {
  /** Whether it is worth while: false once many objects were seen and no two of them alike. */
  on = true;
  readonly #known = new Map<number, { readonly node: object; readonly from: number; readonly to: number }>();
  #seen = 0;
  #found = 0;

  /** The node of the first object that had this text. */
  // oxlint-disable-next-line max-params -- called for each object
  take<Node extends object>(bytes: Uint8Array, from: number, to: number, node: Node): Node {
    const hash = hashOf(bytes, from, to);
    const known = this.#known.get(hash);
    if (known !== undefined && isEqual(bytes, known, from, to)) {
      this.#found++;
      return known.node as Node;
    }
    if (known === undefined) this.#known.set(hash, { node, from, to });
    if (++this.#seen === TRIAL && this.#found === 0) this.on = false;
    return node;
  }
}

/** Of the length, the beginning and the end: objects that differ are mostly told apart by their first fields. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  const head = Math.min(to, from + 96);
  for (let at = from; at < head; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  for (let at = Math.max(head, to - 32); at < to; at++) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return hash;
}

// oxlint-disable-next-line max-params -- called for each object
function isEqual(bytes: Uint8Array, known: { from: number; to: number }, from: number, to: number): boolean {
  if (known.to - known.from !== to - from) return false;
  for (let a = known.from, b = from; b < to; a++, b++) if (bytes[a] !== bytes[b]) return false;
  return true;
}
