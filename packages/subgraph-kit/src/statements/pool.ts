import pg from "pg";
import type { SubgraphConfig } from "../config/subgraph-settings.ts";
import { observeStatements } from "./statement-count.ts";

/** The longest that one statement of a request may run, in milliseconds; the gateway has given up by then. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Opens a subgraph's pool of connections to its own database, with every statement counted for the request that sends
 * it. No connection is made before the first is needed.
 *
 * @param name the subgraph's name, which the database shows as `application_name`
 * @param onError told of connections that break while they are idle; the pool replaces them
 */
export function createPool(name: string, config: SubgraphConfig, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: inUtc(config.DATABASE_URL),
    max: config.DATABASE_POOL_SIZE,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  observeStatements(pool);
  pool.on("error", onError);
  return pool;
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
