import type { QueryPlan } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import { conditionVariables, type Operation, readConditions } from "../compile/operation.ts";
import { compileProgram, type Program } from "../compile/program.ts";

/** An operation with its plan. */
export interface PlannedOperation {
  readonly operation: Operation;
  readonly plan: QueryPlan;
  /** Length of the document that holds the operation, in characters. */
  readonly documentLength: number;
}

/** How well a cache does its work. Counts are since it was made. */
export interface ProgramCacheStats {
  /** Requests whose program was there, or being made for another request. */
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly operations: number;
  /** An estimate, by the sizes of document and plan. */
  readonly bytes: number;
}

export interface ProgramCacheOptions {
  readonly supergraphSchema: GraphQLSchema;
  /** Bound for what is kept, in bytes, by estimate. The operation used last stays, however large. */
  readonly limitBytes: number;
  /** How often a program runs before code is generated for it. */
  readonly fastAfterRuns: number;
}

interface Entry {
  readonly planned: PlannedOperation;
  readonly conditions: readonly string[];
  readonly programs: Map<string, Program>;
  bytes: number;
}

/** Keeps the programs of one supergraph: by operation, and by the values of its `@skip` and `@include` variables. */
export class ProgramCache {
  readonly #options: ProgramCacheOptions;
  /** In order of use, the one used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly #beingMade = new Map<string, Promise<Entry>>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(options: ProgramCacheOptions) {
    this.#options = options;
  }

  /**
   * The operation with its plan. Made once, however many requests ask at the same time; a failure is not kept.
   *
   * @param key stands for document and operation name
   */
  async operation(key: string, make: () => Promise<PlannedOperation>): Promise<PlannedOperation> {
    return (await this.#entry(key, make)).planned;
  }

  /** The program of an operation that was asked for just before, for a request's variables. */
  program(key: string, planned: PlannedOperation, variables: Readonly<Record<string, unknown>>): Program {
    const entry = this.#entries.get(key);
    const names = entry?.conditions ?? conditionVariables(planned.operation);
    const conditions = readConditions(planned.operation, names, variables);
    const values = names.map((name) => (conditions[name] === true ? "1" : "0")).join("");
    const known = entry?.programs.get(values);
    if (known !== undefined) return known;
    const program = compileProgram({
      operation: planned.operation,
      plan: planned.plan,
      supergraphSchema: this.#options.supergraphSchema,
      conditions,
      fastAfterRuns: this.#options.fastAfterRuns,
    });
    if (entry !== undefined) {
      entry.programs.set(values, program);
      this.#grow(entry, sizeOf(planned));
    }
    return program;
  }

  get stats(): ProgramCacheStats {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      operations: this.#entries.size,
      bytes: this.#bytes,
    };
  }

  async #entry(key: string, make: () => Promise<PlannedOperation>): Promise<Entry> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#hits++;
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const underWay = this.#beingMade.get(key);
    if (underWay !== undefined) {
      this.#hits++;
      return underWay;
    }
    this.#misses++;
    const made = make().then((planned) => this.#keep(key, planned));
    this.#beingMade.set(key, made);
    try {
      return await made;
    } finally {
      this.#beingMade.delete(key);
    }
  }

  #keep(key: string, planned: PlannedOperation): Entry {
    const entry: Entry = {
      planned,
      conditions: conditionVariables(planned.operation),
      programs: new Map(),
      bytes: 0,
    };
    this.#entries.set(key, entry);
    this.#grow(entry, sizeOf(planned));
    return entry;
  }

  #grow(entry: Entry, bytes: number): void {
    entry.bytes += bytes;
    this.#bytes += bytes;
    for (const [key, oldest] of this.#entries) {
      if (this.#bytes <= this.#options.limitBytes || oldest === entry) return;
      this.#entries.delete(key);
      this.#bytes -= oldest.bytes;
      this.#evictions++;
    }
  }
}

/** A syntax tree takes some twenty times its text in memory, a plan as objects some four times its JSON. */
function sizeOf({ plan, documentLength }: PlannedOperation): number {
  return documentLength * 20 + JSON.stringify(plan).length * 4;
}
