import { parseConfig, subgraphSettings, type SubgraphConfig } from "@tributary/subgraph-kit";

/**
 * Reads the settings of the payment subgraph.
 *
 * @param env such as `process.env`
 * @throws {ConfigError} that lists every fault by the setting's name
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): SubgraphConfig {
  return parseConfig(subgraphSettings, env);
}
