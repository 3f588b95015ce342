import {
  createOutageWatch,
  openPool,
  type Logger,
  type OutageWatch,
  type SubgraphConfig,
} from "@tributary/subgraph-kit";
import { v7 as uuidv7 } from "uuid";
import { SOURCES, type HistoryStore } from "./history-store.ts";
import { createPostgresStore } from "./postgres/postgres-store.ts";
import { openRedis, type RedisClient } from "./redis/client.ts";
import { createRedisStore } from "./redis/redis-store.ts";
import { PREFIX } from "./redis/rows.ts";
import { CHECK_SERVER } from "./redis/scripts.ts";

/** The store that the settings name, and the watch that tells when it is lost. */
export interface OpenStore {
  readonly store: HistoryStore;
  readonly outages: OutageWatch;
}

/** As much of the settings as names a store. */
export type StoreConfig =
  | ({ readonly HISTORY_STORE: "postgres" } & Pick<SubgraphConfig, "DATABASE_URL" | "DATABASE_POOL_SIZE">)
  | { readonly HISTORY_STORE: "redis"; readonly HISTORY_REDIS_URL: string };

/** Opens the store; no connection is waited for. */
export function openStore(config: StoreConfig, logger: Logger): OpenStore {
  return config.HISTORY_STORE === "redis"
    ? openRedisStore(config.HISTORY_REDIS_URL, logger)
    : openPostgresStore(config, logger);
}

function openPostgresStore(
  config: Extract<StoreConfig, { HISTORY_STORE: "postgres" }>,
  logger: Logger,
): OpenStore {
  const { pool, outages, ping, close } = openPool("history", config, logger);
  return { store: createPostgresStore(pool, { ping, close }), outages };
}

function openRedisStore(url: string, logger: Logger): OpenStore {
  const redis = openRedis({
    url,
    onReady: (client) => checkServer(client, logger),
    onError: (error) => void outages.note(error, 0),
  });
  const ping = async (): Promise<void> => {
    await redis.call("PING");
  };
  const outages = createOutageWatch({ logger, ping });
  const close = async (): Promise<void> => {
    outages.stop();
    redis.close();
  };
  return { store: createRedisStore(redis, { ping, close }), outages };
}

/**
 * Looks whether the server is the one that had the data last. One that restarted may have lost what had been acknowledged
 * to the broker, unless it writes each change to its disk first: then everything is read again, beside what is there.
 */
async function checkServer(redis: RedisClient, logger: Logger): Promise<void> {
  const info = String(await redis.call("INFO", "server"));
  const runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? "";
  // Managed servers do not always tell; then they are taken for one that may lose something.
  const fsync = (await redis.call("CONFIG", "GET", "appendfsync").catch(() => [])) as string[];
  const append = (await redis.call("CONFIG", "GET", "appendonly").catch(() => [])) as string[];
  const isSafe = fsync[1] === "always" && append[1] === "yes" ? "1" : "0";
  const sources = Object.keys(SOURCES);
  if ((await redis.run(CHECK_SERVER, PREFIX, runId, isSafe, uuidv7(), ...sources)) === 1) {
    logger.warn("Redis has restarted and may have lost something: the contexts are read again");
  }
}
