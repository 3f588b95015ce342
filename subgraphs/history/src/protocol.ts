/** The history context's part of the protocol, without a database: what a simulation runs over a store of its own. */
export type { HistoryTransaction } from "./data/history-store.ts";
export { applyChanges } from "./data/postgres/apply-changes.ts";
export { entryDifferences, headDifferences } from "./domain/comparison.ts";
export type { HistoryChange, HistoryEntry, HistoryHead, StoredPart } from "./domain/history-change.ts";
export { changesOf, type AggregateState } from "./domain/projection.ts";
export { eventHandlers } from "./events/handlers.ts";
