import { createLogger } from "@tributary/subgraph-kit";
import type { HistoryStore } from "../data/history-store.ts";
import { openStore } from "../data/open-store.ts";

/**
 * Opens the store of histories for whoever works beside the service.
 *
 * @param url of the context's PostgreSQL database, or of Redis
 */
export function openHistoryStore(url: string): HistoryStore {
  const logger = createLogger("history", "silent");
  return url.startsWith("redis")
    ? openStore({ HISTORY_STORE: "redis", HISTORY_REDIS_URL: url }, logger).store
    : openStore({ HISTORY_STORE: "postgres", DATABASE_URL: url, DATABASE_POOL_SIZE: 4 }, logger).store;
}
