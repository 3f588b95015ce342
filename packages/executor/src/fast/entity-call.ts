import { type Continuation, Join } from "./continuation.ts";
import type { EntityTable, TableCall } from "./entity-table.ts";
import type { FastCode, FastNode } from "./fast-program.ts";
import { UNREADABLE } from "./handover.ts";

/** Reads what a call has brought. */
export interface BytesReader {
  /** @throws Handover */
  onBytes(bytes: Buffer): void;
}

interface Fresh {
  readonly table: EntityTable;
  readonly first: number;
  readonly count: number;
}

/** A call that brings entities, for all the fetches that need them. */
export class EntityCall implements BytesReader, TableCall {
  readonly #read: FastCode["answers"][number] | undefined;
  readonly #into: Fresh;
  #waiting: Continuation[] = [];
  isDone = false;

  constructor(read: FastCode["answers"][number] | undefined, into: Fresh) {
    this.#read = read;
    this.#into = into;
  }

  whenDone(continuation: Continuation): void {
    this.#waiting.push(continuation);
  }

  onBytes(bytes: Buffer): void {
    const { table, first, count } = this.#into;
    const nodes = this.#read?.(bytes) as (FastNode | null)[];
    if (nodes.length !== count) throw UNREADABLE;
    for (let index = 0; index < count; index++) {
      const node = nodes[index] as FastNode | null;
      // A list in the list of entities is none.
      if (Array.isArray(node)) throw UNREADABLE;
      table.nodes[first + index] = node;
    }
    this.isDone = true;
    for (const continuation of this.#waiting) continuation.done();
  }
}

/** Goes on when the calls that bring some entities are done. */
export function awaitCalls(table: EntityTable, entities: readonly number[], then: Continuation): void {
  const open = new Set<TableCall>();
  for (const entity of entities) {
    const call = entity < 0 ? null : (table.calls[entity] as TableCall);
    if (call?.isDone === false) open.add(call);
  }
  if (open.size === 0) return then.done();
  const join = new Join(open.size, then);
  for (const call of open) call.whenDone(join);
}
