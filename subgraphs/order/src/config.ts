import { parseConfig, subgraphSettings } from "@tributary/subgraph-kit";
import { z } from "zod";

const orderSettings = subgraphSettings.safeExtend({
  /** How long a saga waits for the reply to its first request before it asks again, in milliseconds. */
  SAGA_PATIENCE_MS: z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(100, "must be 100 to 3600000")
    .max(3_600_000, "must be 100 to 3600000")
    .default(10_000),
});

/** The settings of the order subgraph, parsed. */
export type OrderConfig = Readonly<z.output<typeof orderSettings>>;

/**
 * Reads the settings of the order subgraph.
 *
 * @param env such as `process.env`
 * @throws {ConfigError} that lists every fault by the setting's name
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): OrderConfig {
  return parseConfig(orderSettings, env);
}
