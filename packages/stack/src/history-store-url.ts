import { databaseUrl } from "@tributary/migrate";
import { processEnvironment } from "./config.ts";

/**
 * Where histories are kept: in the Redis that HISTORY_STORE and HISTORY_REDIS_URL name, else in PostgreSQL: that of
 * HISTORY_DATABASE_URL, or the local stack's.
 *
 * @returns a connection URL
 * @throws MigrationError where none is known
 */
export function historyStoreUrl(): string {
  const { HISTORY_STORE: store, HISTORY_REDIS_URL: redis } = processEnvironment();
  return store === "redis" && redis ? redis : databaseUrl("history");
}
