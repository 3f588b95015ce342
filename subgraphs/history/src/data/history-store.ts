import type { SnapshotPage } from "@tributary/channels";
import type { DeadLetterFilter, ListenerStore, StoredDeadLetter } from "@tributary/messaging";
import type { HistoryChange, HistoryEntry, HistoryHead } from "../domain/history-change.ts";

/** What contexts are asked for, by the name of the source and the context that has it. */
export const SOURCES = {
  customers: "customer",
  reservations: "customer",
  orders: "order",
  payments: "payment",
} as const satisfies Readonly<Record<string, string>>;

export type Source = keyof typeof SOURCES;

/** What a generation is filled for: to become the live one, or to be compared with it. */
export type Purpose = "SERVE" | "CHECK";

/** One whole copy of the view, and how far it is filled. */
export interface Generation {
  readonly id: number;
  readonly purpose: Purpose;
  /** RETIRED ones are not listed. */
  readonly status: "BUILDING" | "READY" | "LIVE";
  readonly sources: readonly SourceProgress[];
}

/** How far a source was read. */
export interface SourceProgress {
  readonly source: Source;
  /** Names this reading: a page of an earlier one does not count. */
  readonly snapshotId: string;
  readonly after: string | null;
  /** Aggregates that were read. */
  readonly items: number;
  readonly isDone: boolean;
}

/** Where a page of segments starts: behind this one. */
export interface EntryPosition {
  readonly listedAt: Date;
  readonly id: string;
}

/** A head, and a page of its segments, the newest first. */
export interface HistoryRead {
  readonly head: HistoryHead;
  readonly entries: readonly HistoryEntry[];
}

/** No generation is live: the view is filled for the first time, or its data was lost. */
export class NoLiveGenerationError extends Error {
  override readonly name = "NoLiveGenerationError";
}

/** The effects of messages, together with the notes of them: all are kept, or none. */
export interface HistoryTransaction {
  /** Applies changes to all generations. Those that are not newer than what is there are ignored. */
  apply(messageId: string, changes: readonly HistoryChange[]): void;
  /** Applies a page to the generation that asked for it, and notes how far it goes. One that is not waited for is left. */
  turnPage(messageId: string, page: SnapshotPage, changes: readonly HistoryChange[]): void;
  /** Has a source read again from the start, into each generation. */
  readAgain(messageId: string, source: Source): void;
}

/** Keeps the documents: the port of the view's data. Every method rejects with an error that `isAway` knows where the store is away. */
export interface HistoryStore extends ListenerStore<HistoryTransaction> {
  /**
   * Reads documents in one round trip.
   *
   * @param page.first how many segments of each at most
   * @returns by customer; one of whom nothing is known is left out
   * @throws {NoLiveGenerationError}
   */
  read(
    customerIds: readonly string[],
    page: { readonly first: number; readonly after: EntryPosition | null },
  ): Promise<Map<string, HistoryRead>>;
  /** Reads segments by id, listed or not. @throws {NoLiveGenerationError} */
  entries(ids: readonly string[]): Promise<Map<string, HistoryEntry>>;

  generations(): Promise<Generation[]>;
  /** Begins a generation, unless one is built for this purpose already. @returns its id */
  begin(purpose: Purpose): Promise<number>;
  /** Makes a generation that is whole the live one, or READY; one that is not is left. @returns whether it did */
  finish(id: number): Promise<boolean>;
  /** Gives a generation up that is not live. */
  retire(id: number): Promise<void>;
  /** Deletes what generations that are retired left, so many rows at most. @returns how many it deleted */
  sweep(limit: number): Promise<number>;
  /** Reads heads of a generation after an id, in the order of ids. */
  headsOf(generation: number, after: string | null, limit: number): Promise<HistoryHead[]>;
  /** Reads segments of a generation after an id, in the order of ids. */
  entriesOf(generation: number, after: string | null, limit: number): Promise<HistoryEntry[]>;
  /** Reads certain heads of a generation; those that are not there are left out. */
  headsById(generation: number, ids: readonly string[]): Promise<HistoryHead[]>;
  /** Reads certain segments of a generation; those that are not there are left out. */
  entriesById(generation: number, ids: readonly string[]): Promise<HistoryEntry[]>;

  listDeadLetters(filter: DeadLetterFilter, limit: number): Promise<StoredDeadLetter[]>;
  requestRedrive(filter: DeadLetterFilter): Promise<string[]>;

  /** Rejects where the store cannot be used. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
