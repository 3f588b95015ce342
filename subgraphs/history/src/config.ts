import { parseConfig, serverSettings, subgraphSettings } from "@tributary/subgraph-kit";
import { z } from "zod";

const redisUrl = z.url({
  protocol: /^rediss?$/,
  error: "must be a URL such as redis://user:password@host:6379/0, as HISTORY_STORE is redis",
});

const historySettings = subgraphSettings.safeExtend({
  /** Where documents are kept: in the PostgreSQL database of DATABASE_URL, or in the Redis of HISTORY_REDIS_URL. */
  HISTORY_STORE: z.literal("postgres", "must be postgres or redis").default("postgres"),
});

const redisSettings = serverSettings.safeExtend({
  HISTORY_STORE: z.literal("redis"),
  HISTORY_REDIS_URL: redisUrl,
});

/** The settings of the history subgraph, parsed. */
export type HistoryConfig = Readonly<z.output<typeof historySettings> | z.output<typeof redisSettings>>;

/**
 * Reads the settings of the history subgraph. With Redis as its store it needs no database.
 *
 * @param env such as `process.env`
 * @throws {ConfigError} that lists every fault by the setting's name
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): HistoryConfig {
  return env["HISTORY_STORE"] === "redis"
    ? parseConfig(redisSettings, env)
    : parseConfig(historySettings, env);
}
