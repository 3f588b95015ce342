export type { HistoryStore } from "../data/history-store.ts";
export { openHistoryStore } from "./open-history-store.ts";
export type { ViewDifference } from "./compare.ts";
export { replayHistory, ReplayStalledError, type ReplayHistoryResult } from "./replay.ts";
