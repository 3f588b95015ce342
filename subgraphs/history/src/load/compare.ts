import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryStore } from "../data/history-store.ts";
import { entryDifferences, headDifferences } from "../domain/comparison.ts";
import type { HistoryEntry, HistoryHead } from "../domain/history-change.ts";

/** Something of the view that is not what it would be if it were made anew. */
export interface ViewDifference {
  readonly kind: "customer" | "entry";
  readonly id: string;
  /** Every part that differs, in words. */
  readonly what: readonly string[];
}

export interface CompareOptions {
  readonly live: number;
  readonly made: number;
  readonly onDifference: (difference: ViewDifference) => void;
  /** Told how many heads and segments were compared. */
  readonly onProgress?: (done: number) => void;
  /** How long what differs must stand still on both sides to count, in milliseconds; 3,000 by default. */
  readonly settleMs?: number;
}

const PAGE = 200;
/** How often what does not stand still is read again. */
const MOST_READINGS = 20;

/**
 * Compares two generations in full, from both sides, a page at a time. Events are applied to both while this runs, and
 * one side may have read in a context what the other has not heard yet: what differs is read again until it agrees, and
 * counts where neither side has changed meanwhile.
 *
 * @returns how many heads and segments there are on either side, and how many differ
 */
export async function compareGenerations(
  store: HistoryStore,
  options: CompareOptions,
): Promise<{ readonly compared: number; readonly differing: number }> {
  const heads = await compareKind<HistoryHead>(options, {
    kind: "customer",
    idOf: ({ customerId }) => customerId,
    page: (generation, after) => store.headsOf(generation, after, PAGE),
    byId: (generation, ids) => store.headsById(generation, ids),
    differences: headDifferences,
  });
  const entries = await compareKind<HistoryEntry>(
    { ...options, onProgress: (done) => options.onProgress?.(heads.compared + done) },
    {
      kind: "entry",
      idOf: ({ id }) => id,
      page: (generation, after) => store.entriesOf(generation, after, PAGE),
      byId: (generation, ids) => store.entriesById(generation, ids),
      differences: entryDifferences,
    },
  );
  return { compared: heads.compared + entries.compared, differing: heads.differing + entries.differing };
}

interface Kind<Item> {
  readonly kind: ViewDifference["kind"];
  readonly idOf: (item: Item) => string;
  readonly page: (generation: number, after: string | null) => Promise<Item[]>;
  readonly byId: (generation: number, ids: readonly string[]) => Promise<Item[]>;
  readonly differences: (live: Item | null, made: Item | null) => string[];
}

async function compareKind<Item>(
  { live, made, onDifference, onProgress, settleMs = 3_000 }: CompareOptions,
  { kind, idOf, page, byId, differences }: Kind<Item>,
): Promise<{ compared: number; differing: number }> {
  let compared = 0;
  let differing = 0;
  for (let after: string | null = null; ;) {
    const [mine, theirs]: [Item[], Item[]] = [await page(live, after), await page(made, after)];
    // Behind the last id of a full page the other side may go on: it is compared in the next round.
    const ends: string[] = [mine, theirs].flatMap((items) =>
      items.length === PAGE ? [idOf(items[PAGE - 1]!)] : [],
    );
    const last: string | null = ends.toSorted()[0] ?? null;
    const ids = [...new Set([...mine, ...theirs].map(idOf))].filter((id) => last === null || id <= last);
    compared += ids.length;
    let suspects = new Map<string, string>();
    const judge = (one: readonly Item[], other: readonly Item[], among: readonly string[]) => {
      const [left, right] = [one, other].map((items) => new Map(items.map((item) => [idOf(item), item])));
      return among.flatMap((id) => {
        const [a, b] = [left!.get(id) ?? null, right!.get(id) ?? null];
        const what = differences(a, b);
        return what.length === 0 ? [] : [{ id, what, seen: JSON.stringify([a, b]) }];
      });
    };
    let found = judge(mine, theirs, ids);
    for (let reading = 0; found.length > 0 && reading < MOST_READINGS; reading++) {
      const standing = found.filter(({ id, seen }) => suspects.get(id) === seen);
      for (const { id, what } of standing) onDifference({ kind, id, what });
      differing += standing.length;
      const moving = found.filter(({ id, seen }) => suspects.get(id) !== seen);
      if (moving.length === 0) break;
      suspects = new Map(moving.map(({ id, seen }) => [id, seen]));
      await sleep(settleMs);
      const again = moving.map(({ id }) => id);
      found = judge(await byId(live, again), await byId(made, again), again);
    }
    onProgress?.(compared);
    if (last === null) return { compared, differing };
    after = last;
  }
}
