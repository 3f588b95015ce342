import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";

const WHOLE = `SELECT count(*) = 4 AND bool_and(is_done AND items > 0) AS whole
  FROM source_progress JOIN generations ON generations.id = generation WHERE status = 'LIVE'`;

/** Waits until the live histories have what was generated: all sources were read, and had something. */
export async function untilViewIsWhole(history: pg.Client, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await history.query<{ whole: boolean | null }>(WHOLE)).rows[0]?.whole) {
    if (performance.now() > end) throw new Error(`the view is not whole after ${withinMs} ms`);
    await sleep(50);
  }
}
