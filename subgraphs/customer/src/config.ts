import { parseConfig, subgraphSettings, type SubgraphConfig } from "@tributary/subgraph-kit";

/**
 * Reads the subgraph's configuration.
 *
 * @param environment names and values, such as `process.env`
 * @throws {ConfigError} that lists every fault
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SubgraphConfig {
  return parseConfig(subgraphSettings, environment);
}
