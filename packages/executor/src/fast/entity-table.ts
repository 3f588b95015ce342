/** The entities that one request has asked for by one selection: by the bytes of their representations. */
export class EntityTable {
  readonly #byHash = new Map<number, number>();
  /** The next one with the same hash; -1 at the end. */
  readonly #next: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** The bytes of what was added before the last `keep`; null for what is still in the bytes that `find` is given. */
  readonly #bytes: (Buffer | null)[] = [];
  /** What subgraphs answered, by the entity's number. */
  readonly nodes: (object | null)[] = [];
  /** The call that brings an entity, by the entity's number. */
  readonly calls: Promise<void>[] = [];
  #hash = 0;
  #kept = 0;

  get count(): number {
    return this.#from.length;
  }

  /** The number of the entity with this representation; -1 where there is none. */
  find(bytes: Buffer, from: number, to: number): number {
    let hash = to - from;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    this.#hash = hash;
    let entity = this.#byHash.get(hash) ?? -1;
    while (entity >= 0 && !this.#isEqual(entity, bytes, { from, to })) entity = this.#next[entity] as number;
    return entity;
  }

  /** Adds the entity that was looked for just before. */
  add(from: number, to: number): number {
    const entity = this.#from.length;
    this.#from.push(from);
    this.#to.push(to);
    this.#bytes.push(null);
    this.#next.push(this.#byHash.get(this.#hash) ?? -1);
    this.#byHash.set(this.#hash, entity);
    return entity;
  }

  /** Copies what was added since the last time, as its bytes are about to be written over. */
  keep(bytes: Buffer, length: number): void {
    const kept = Buffer.from(bytes.subarray(0, length));
    for (; this.#kept < this.count; this.#kept++) this.#bytes[this.#kept] = kept;
  }

  #isEqual(entity: number, bytes: Buffer, { from, to }: { from: number; to: number }): boolean {
    const known = this.#bytes[entity] ?? bytes;
    const start = this.#from[entity] as number;
    if ((this.#to[entity] as number) - start !== to - from) return false;
    for (let a = start, b = from; b < to; a++, b++) if (known[a] !== bytes[b]) return false;
    return true;
  }
}
