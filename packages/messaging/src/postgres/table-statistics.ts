import { systemClock, type Clock } from "../clock.ts";

export interface TableStatisticsOptions {
  /** Runs statements, one after the other, in one transaction. */
  readonly run: (text: string) => Promise<unknown>;
  /** Tables, each with the columns that statements look for: `jobs (name, state)`. */
  readonly tables: readonly string[];
  readonly clock?: Pick<Clock, "now">;
  readonly onError: (error: unknown) => void;
}

/** Has PostgreSQL look at how large tables are while their rows are handled. */
export interface TableStatistics {
  /** Tells of rows that were handled, and whether more are waiting. Cheap, and never throws. */
  note(rows: number, isMoreWaiting: boolean): void;
}

/** After how many handled rows it looks first; then after twice as many each time. */
const FIRST_LOOK = 100;
/** How often it looks while more rows are waiting than fit into a batch, in milliseconds. */
const BACKLOG_MS = 5_000;

/**
 * Keeps the planner's statistics of tables that fill and empty. PostgreSQL plans a statement by the size that its table had when
 * it was last looked at. For one that was empty it plans to read the whole table, and a prepared statement keeps that plan
 * while the table grows. Autovacuum looks once a minute: a queue that has fallen behind by then never catches up. ANALYZE has
 * all statements planned anew. A small sample is enough, as the number of rows is what matters.
 */
export function keepStatistics(options: TableStatisticsOptions): TableStatistics {
  const { run, tables, clock = systemClock, onError } = options;
  // A role that does not own a table gets a warning, and a table that is being analysed is skipped: both are no fault.
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
