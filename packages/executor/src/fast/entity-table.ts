/** A call that brings entities of a table. */
export interface TableCall {
  /** Whether they are there. */
  readonly isDone: boolean;
  /** Has something done when they are; not where they are already. */
  whenDone(continuation: { done(): void }): void;
}

/** How large a table may be to be kept for other requests, in slots. */
const KEPT_SLOTS = 4096;

/**
 * The entities that one request has asked for by one selection: by the bytes of their representations. Used for one
 * request after the other.
 */
export class EntityTable {
  /** Numbers of entities, plus one, by hash; 0 where there is none. A power of two, and never more than half full. */
  #slots = new Int32Array(0);
  readonly #hashes: number[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** The bytes of what was added before the last `keep`; what was added since is in the bytes that `find` is given. */
  readonly #kept: (Buffer | null)[] = [];
  #keptCount = 0;
  /** What subgraphs answered, by the entity's number. */
  readonly nodes: (object | null)[] = [];
  /** The call that brings an entity, by the entity's number. */
  readonly calls: (TableCall | null)[] = [];
  count = 0;
  #slot = 0;
  #hash = 0;

  /** Makes room for so many more entities; before they are looked for. */
  reserve(more: number): void {
    const needed = (this.count + more) * 2;
    if (needed <= this.#slots.length) return;
    const size = 2 ** Math.ceil(Math.log2(needed));
    this.#slots = new Int32Array(size);
    for (let entity = 0; entity < this.count; entity++) {
      let slot = (this.#hashes[entity] as number) & (size - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.#slots[slot] = entity + 1;
    }
  }

  /**
   * The number of the entity with this representation; -1 where there is none.
   *
   * @param skip how many bytes are the same in most representations
   */
  // oxlint-disable-next-line max-params -- called for each object
  find(bytes: Buffer, from: number, to: number, skip: number): number {
    let hash = to - from;
    for (let at = from + skip; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    // Of a size that is kept without a box.
    hash = (hash ^ (hash >>> 15)) & 0x3fffffff;
    this.#hash = hash;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entity = (this.#slots[slot] as number) - 1;
      if (entity < 0) {
        this.#slot = slot;
        return -1;
      }
      if (this.#hashes[entity] === hash && this.#isEqual(entity, bytes, from, to)) return entity;
    }
  }

  /** Adds the entity that was looked for just before. */
  add(from: number, to: number): number {
    const entity = this.count++;
    this.#slots[this.#slot] = this.count;
    this.#hashes[entity] = this.#hash;
    this.#from[entity] = from;
    this.#to[entity] = to;
    return entity;
  }

  /** Copies what was added since the last time, as its bytes are about to be written over. */
  keep(bytes: Buffer, length: number): void {
    const kept = Buffer.from(bytes.subarray(0, length));
    while (this.#keptCount < this.count) this.#kept[this.#keptCount++] = kept;
  }

  /**
   * Forgets everything, so that another request can use the table.
   *
   * @returns false where it has grown so large that it is better let go of
   */
  reset(): boolean {
    if (this.#slots.length > KEPT_SLOTS) return false;
    this.#slots.fill(0);
    this.#kept.fill(null, 0, this.#keptCount);
    this.nodes.fill(null, 0, this.count);
    this.calls.fill(null, 0, this.count);
    this.#keptCount = 0;
    this.count = 0;
    return true;
  }

  // oxlint-disable-next-line max-params -- called for each object
  #isEqual(entity: number, bytes: Buffer, from: number, to: number): boolean {
    const known = entity < this.#keptCount ? (this.#kept[entity] as Buffer) : bytes;
    const start = this.#from[entity] as number;
    if ((this.#to[entity] as number) - start !== to - from) return false;
    for (let a = start, b = from; b < to; a++, b++) if (known[a] !== bytes[b]) return false;
    return true;
  }
}

/** Tables that no request uses. What a run that failed had is the garbage collector's: calls may still write into it. */
const freeTables: EntityTable[] = [];
const FREE_TABLES = 1_000;

/** A table with nothing in it. */
export function takeTable(): EntityTable {
  return freeTables.pop() ?? new EntityTable();
}

/** Gives a table back that nobody uses any more, nor writes into. */
export function freeTable(table: EntityTable): void {
  if (freeTables.length < FREE_TABLES && table.reset()) freeTables.push(table);
}
