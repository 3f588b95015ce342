import { setTimeout as sleep } from "node:timers/promises";
import type { Generation, HistoryStore } from "../data/history-store.ts";
import { compareGenerations, type ViewDifference } from "./compare.ts";

export interface ReplayHistoryOptions {
  /** Leaves the view as it is, and compares it with one that is made anew. */
  readonly checkOnly: boolean;
  readonly onDifference: (difference: ViewDifference) => void;
  /** Told how many aggregates were read, and about how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Gives it up; a view that is made anew to be served is made all the same. */
  readonly signal?: AbortSignal;
  /** How long nothing may move, in milliseconds; 30,000 by default. */
  readonly patienceMs?: number;
}

export interface ReplayHistoryResult {
  /** Aggregates that were read, by source. */
  readonly read: Readonly<Record<string, number>>;
  /** Heads and segments that were compared; 0 where nothing was. */
  readonly compared: number;
  readonly differing: number;
}

/** Nothing has moved for a while: somebody whose work is needed does not run. */
export class ReplayStalledError extends Error {
  override readonly name = "ReplayStalledError";
}

const EVERY_MS = 100;

/**
 * Has the history service make the view anew, beside the live one, and waits until it is swapped in; or, to check, until it
 * can be compared with the live one, and compares them. The contexts and the broker must run.
 *
 * @throws {ReplayStalledError}
 */
export async function replayHistory(
  store: HistoryStore,
  options: ReplayHistoryOptions,
): Promise<ReplayHistoryResult> {
  if (!options.checkOnly) {
    const made = await filled(store, await store.begin("SERVE"), options);
    return { read: readOf(made), compared: 0, differing: 0 };
  }
  // One that a check left behind, which was killed.
  for (const { id, purpose, status } of await store.generations())
    if (purpose === "CHECK" && status === "READY") await store.retire(id);
  const check = await store.begin("CHECK");
  try {
    const made = await filled(store, check, options);
    const live = (await store.generations()).find(({ status }) => status === "LIVE");
    if (!live)
      throw new ReplayStalledError("there is no view yet to compare with: npm run replay -- history");
    const { onDifference } = options;
    const compared = await compareGenerations(store, { live: live.id, made: check, onDifference });
    return { read: readOf(made), ...compared };
  } finally {
    await store.retire(check);
  }
}

/** Waits until a generation is whole. */
async function filled(
  store: HistoryStore,
  id: number,
  { onProgress, signal, patienceMs = 30_000 }: ReplayHistoryOptions,
): Promise<Generation> {
  let done = -1;
  let movedAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const generations = await store.generations();
    const made = generations.find((each) => each.id === id);
    if (!made) throw new ReplayStalledError("somebody else has given it up: start it again");
    if (made.status !== "BUILDING") return made;
    const items = itemsOf(made);
    if (items !== done) movedAt = performance.now();
    done = items;
    // As many as the last time, more or less.
    const before = generations.find(({ status }) => status === "LIVE");
    onProgress?.(items, Math.max(items, before ? itemsOf(before) : 0));
    if (performance.now() - movedAt > patienceMs) {
      throw new ReplayStalledError(
        `nothing has moved for ${Math.round(patienceMs / 1_000)} s: do history, the other services and the broker run?`,
      );
    }
    await sleep(EVERY_MS);
  }
}

const itemsOf = ({ sources }: Generation): number => sources.reduce((sum, { items }) => sum + items, 0);

const readOf = ({ sources }: Generation): Record<string, number> =>
  Object.fromEntries(sources.map(({ source, items }) => [source, items]));
