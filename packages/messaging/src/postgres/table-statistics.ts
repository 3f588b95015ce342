import { systemClock, type Clock } from "../clock.ts";

export interface TableStatisticsOptions {
  /** Runs statements, one after the other, in one transaction. */
  readonly run: (text: string) => Promise<unknown>;
  /** Tables, each with the columns that statements look for: `jobs (name, state)`. */
  readonly tables: readonly string[];
  readonly clock?: Pick<Clock, "now">;
  readonly onError: (error: unknown) => void;
}

/** Has PostgreSQL look at how large tables are while they are worked through. */
export interface TableStatistics {
  /** Tells of rows that were worked through, and whether more are waiting. Cheap, and never rejects. */
  note(rows: number, isMoreWaiting: boolean): void;
}

/** How many rows are worked through before the first look; each further one takes twice as many. */
const FIRST_LOOK = 100;
/** How long it is between two looks while more is waiting than one batch, in milliseconds. */
const BACKLOG_MS = 5_000;

/**
 * Keeps the planner's statistics of tables that fill and empty. A statement that is prepared while its table is empty, or
 * was when autovacuum last saw it, reads the whole table for each row ever after, as that costs nothing where nothing
 * is; autovacuum looks once a minute, and a queue that has fallen behind by then falls behind for good. ANALYZE has all
 * statements planned anew, of a sample that is small: what matters is how many rows there are.
 */
export function keepStatistics(options: TableStatisticsOptions): TableStatistics {
  const { run, tables, clock = systemClock, onError } = options;
  // One who is no owner of a table is warned, and a table that somebody else looks at is left out: both are no fault.
  const text = `SET LOCAL default_statistics_target = 10; ANALYZE (SKIP_LOCKED) ${tables.join(", ")}`;
  let rowsSoFar = 0;
  let nextLook = FIRST_LOOK;
  let lookedAt = -Infinity;
  let isLooking = false;
  return {
    note(rows, isMoreWaiting) {
      rowsSoFar += rows;
      const isBehind = isMoreWaiting && Math.abs(clock.now() - lookedAt) >= BACKLOG_MS;
      if (isLooking || tables.length === 0 || (rowsSoFar < nextLook && !isBehind)) return;
      while (nextLook <= rowsSoFar) nextLook *= 2;
      lookedAt = clock.now();
      isLooking = true;
      run(text)
        .catch(onError)
        .finally(() => (isLooking = false));
    },
  };
}
