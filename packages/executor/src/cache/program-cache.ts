import {
  CachedOperation,
  type CompileListener,
  type CompileOptions,
  type PlannedOperation,
} from "./cached-operation.ts";
import type { OperationSource, UsedOperation } from "./used-operation.ts";

/** How well a cache does its work. Counts and times are since it was made. */
export interface ProgramCacheStats {
  /** Requests whose operation was there, or being made for another request. */
  readonly hits: number;
  readonly misses: number;
  /** Operations that were dropped to make room. */
  readonly evictions: number;
  /** Operations that were made before a request asked for them. */
  readonly warmedUp: number;
  /** What is there now. An operation has a program for each combination of its conditions' values that occurred. */
  readonly operations: number;
  readonly programs: number;
  /** What is there now, in bytes of memory, by estimate. */
  readonly bytes: number;
  readonly limitBytes: number;
  /** Plans that were made here, and not taken from a store of plans. */
  readonly plans: number;
  readonly planMilliseconds: number;
  /** Programs that were compiled, and of how many of them code was generated. */
  readonly compiled: number;
  readonly generated: number;
  readonly compileMilliseconds: number;
}

export interface ProgramCacheOptions extends CompileOptions {
  /** Bound for what is kept, in bytes, by estimate. The program used last stays, however large. */
  readonly limitBytes: number;
}

/** Keeps the programs of one supergraph: by operation, and by the values of its `@skip` and `@include` variables. */
export class ProgramCache implements CompileListener {
  readonly #options: ProgramCacheOptions;
  /** In order of use, the one used longest ago first. */
  readonly #entries = new Map<string, CachedOperation>();
  readonly #beingMade = new Map<string, Promise<CachedOperation>>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #warmedUp = 0;
  #plans = 0;
  #planMilliseconds = 0;
  #compiled = 0;
  #generated = 0;
  #compileMilliseconds = 0;

  constructor(options: ProgramCacheOptions) {
    this.#options = options;
  }

  /**
   * A request's operation. Made once, however many requests ask at the same time; a failure is not kept.
   *
   * @returns a promise only where it is not there yet
   */
  operation(
    source: OperationSource,
    make: () => Promise<PlannedOperation>,
  ): CachedOperation | Promise<CachedOperation> {
    const key = keyOf(source);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#hits++;
      known.uses++;
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    if (this.#beingMade.has(key)) this.#hits++;
    else this.#misses++;
    return this.#make(key, source, make).then((made) => {
      made.uses++;
      return made;
    });
  }

  /**
   * Makes an operation that no request has asked for yet.
   *
   * @returns null where it is there already
   */
  async warmUp(used: UsedOperation, make: () => Promise<PlannedOperation>): Promise<CachedOperation | null> {
    const key = keyOf(used);
    if (this.#entries.has(key) || this.#beingMade.has(key)) return null;
    const { queryHash, document, operationName, overrideLabels } = used;
    const source = { queryHash, document, operationName, overrideLabels };
    const made = await this.#make(key, source, make);
    // What nobody sends any more fades from supergraph to supergraph.
    made.uses += Math.floor(used.uses / 2);
    this.#warmedUp++;
    return made;
  }

  /** The operations that were asked for most, in that order. */
  mostUsed(limit: number): readonly UsedOperation[] {
    // Of those used as often, the ones used last come first.
    const all = [...this.#entries.values()].toReversed();
    return all
      .filter(({ source }) => source.isForNulls !== true)
      .toSorted((one, other) => other.uses - one.uses)
      .slice(0, limit)
      .map(({ used }) => used);
  }

  get stats(): ProgramCacheStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      warmedUp: this.#warmedUp,
      operations: this.#entries.size,
      programs: [...this.#entries.values()].reduce((sum, { programs }) => sum + programs, 0),
      bytes: this.#bytes,
      limitBytes: this.#options.limitBytes,
      plans: this.#plans,
      planMilliseconds: this.#planMilliseconds,
      compiled: this.#compiled,
      generated: this.#generated,
      compileMilliseconds: this.#compileMilliseconds,
    };
  }

  onCompiled(what: "program" | "code", milliseconds: number): void {
    if (what === "program") this.#compiled++;
    else this.#generated++;
    this.#compileMilliseconds += milliseconds;
  }

  onGrown(entry: CachedOperation, bytes: number): void {
    // A request may still run what was dropped.
    if (this.#entries.get(keyOf(entry.source)) !== entry) return;
    this.#bytes += bytes;
    if (bytes > 0) this.#makeRoom(entry);
  }

  async #make(
    key: string,
    source: OperationSource,
    make: () => Promise<PlannedOperation>,
  ): Promise<CachedOperation> {
    const underWay = this.#beingMade.get(key);
    if (underWay !== undefined) return underWay;
    const made = make().then((planned) => this.#keep(key, source, planned));
    this.#beingMade.set(key, made);
    try {
      return await made;
    } finally {
      this.#beingMade.delete(key);
    }
  }

  #keep(key: string, source: OperationSource, planned: PlannedOperation): CachedOperation {
    const entry = new CachedOperation(source, planned, { options: this.#options, listener: this });
    if (planned.planMilliseconds !== null) {
      this.#plans++;
      this.#planMilliseconds += planned.planMilliseconds;
    }
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    this.#makeRoom(entry);
    return entry;
  }

  #makeRoom(kept: CachedOperation): void {
    const { limitBytes } = this.#options;
    for (const [key, oldest] of this.#entries) {
      if (this.#bytes <= limitBytes) return;
      if (oldest === kept) continue;
      this.#entries.delete(key);
      this.#bytes -= oldest.bytes;
      this.#evictions++;
    }
    while (this.#bytes > limitBytes && kept.dropProgram());
  }
}

function keyOf({ queryHash, operationName, overrideLabels }: OperationSource): string {
  const key = `${queryHash}${operationName ?? ""}`;
  return overrideLabels === undefined ? key : [key, ...overrideLabels].join("\n");
}
