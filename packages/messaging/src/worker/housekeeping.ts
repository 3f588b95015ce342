import type pg from "pg";
import type { Clock } from "../clock.ts";
import { cleanInbox, INBOX_MS } from "../inbox/postgres-store.ts";
import { cleanOutbox } from "../outbox/postgres-outbox.ts";

export interface HousekeepingOptions {
  readonly pool: pg.Pool;
  readonly consumers: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** How long published messages are kept, for those who look into what happened: a day. */
const OUTBOX_MS = 86_400_000;
const EVERY_MS = 60_000;
/** How many rows a round looks at: 83 rows a second are kept up with at one round a minute. */
const ROWS = 5_000;

/** Cleans outbox and inboxes, a bounded number of rows at a time, until the signal is aborted. */
export async function keepHouse({
  pool,
  consumers,
  clock,
  signal,
  onError,
}: HousekeepingOptions): Promise<void> {
  while (!signal.aborted) {
    let deleted = 0;
    try {
      deleted = await cleanOutbox(pool, OUTBOX_MS, ROWS);
      for (const consumer of consumers) {
        deleted = Math.max(deleted, await cleanInbox(pool, { consumer, olderThanMs: INBOX_MS, limit: ROWS }));
      }
    } catch (error) {
      onError(error);
    }
    // Where a round was full there is more to do.
    await clock.sleep(deleted === ROWS ? 1_000 : EVERY_MS * (0.5 + clock.random()), signal);
  }
}
