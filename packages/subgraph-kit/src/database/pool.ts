import pg from "pg";
import type { SubgraphConfig } from "../config/subgraph-settings.ts";
import type { Logger } from "../server/logger.ts";
import { observeStatements } from "../statements/statement-count.ts";
import { createOutageWatch, type OutageWatch } from "./outage-watch.ts";

/** The longest that one statement of a request may run, in milliseconds; the gateway has given up by then. */
const STATEMENT_TIMEOUT_MS = 15_000;
/**
 * The longest that a statement waits for a lock, in milliseconds. Less than the above, so that a statement that had to
 * wait, which may be repeated, can be told from one that is slow.
 */
const LOCK_TIMEOUT_MS = 10_000;

/** A subgraph's access to its own database. */
export interface DatabasePool {
  readonly pool: pg.Pool;
  readonly outages: OutageWatch;
  /** Rejects where the database cannot be used. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** As much of the settings as names a database. */
export type PoolConfig = Pick<SubgraphConfig, "DATABASE_URL" | "DATABASE_POOL_SIZE">;

/**
 * Opens a subgraph's pool of connections to its own database, with every statement counted for the request that sends
 * it. No connection is made before the first is needed.
 *
 * @param name the subgraph's name, which the database shows as `application_name`
 */
export function openPool(name: string, config: PoolConfig, logger: Logger): DatabasePool {
  const pool = new pg.Pool({
    connectionString: inUtc(config.DATABASE_URL),
    max: config.DATABASE_POOL_SIZE,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  });
  observeStatements(pool);
  const ping = async (): Promise<void> => {
    await pool.query("SELECT 1");
  };
  const outages = createOutageWatch({ logger, ping });
  // The pool replaces connections that break while they are idle.
  pool.on("error", outages.suspect);
  return {
    pool,
    outages,
    ping,
    async close() {
      outages.stop();
      await pool.end();
    },
  };
}

/**
 * Has the sessions of a connection URL keep time in UTC, whatever the server or the role is set to: Prisma's adapter
 * writes times without a zone and cuts off the zone of what it reads, which is right in UTC alone.
 */
function inUtc(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const options = url.searchParams.get("options");
  url.searchParams.set("options", [options, "-c TimeZone=UTC"].filter(Boolean).join(" "));
  return url.href;
}
