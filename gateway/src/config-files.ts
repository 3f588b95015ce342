import { readFile } from "node:fs/promises";
import { createKeySet, isKeysUrl } from "@tributary/subgraph-kit/identity";
import { ConfigError, type GatewayConfig } from "./config.ts";
import { readOperationTexts } from "./operation-texts.ts";

/** The texts of the files that the configuration names. */
export interface ConfigFiles {
  readonly supergraph: string;
  readonly policies: string | null;
  readonly identityKey: string | null;
  readonly explorerQuery: string | null;
  /** Documents as clients send them, each valid GraphQL. */
  readonly operations: readonly string[];
}

/**
 * Reads the files that the configuration names, and has a look at that of the issuer's keys, which each process reads
 * for itself, as it changes while they serve.
 *
 * @throws ConfigError with every file that cannot be read
 */
export async function readConfigFiles(config: GatewayConfig): Promise<ConfigFiles> {
  const faults: string[] = [];
  const read = async (setting: string, file: string | null) => {
    if (file === null) return null;
    return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      faults.push(`--${setting}: ${file} cannot be read (${error.code ?? error.message})`);
      return null;
    });
  };
  const [supergraph, policies, identityKey, explorerQuery, operations] = await Promise.all([
    read("supergraph", config.supergraph),
    read("policies", config.policies),
    read("identity-key", config.identityKey),
    read("explorer-query", config.explorerQuery),
    config.warmUp.path === null ? { texts: [], faults: [] } : readOperationTexts(config.warmUp.path),
  ]);
  faults.push(...operations.faults.map((fault) => `--warm-up-operations: ${fault}`));
  faults.push(...(await faultsOfKeys(config.authentication?.jwks)));
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    supergraph: supergraph ?? "",
    policies,
    identityKey,
    explorerQuery,
    operations: operations.texts,
  };
}

async function faultsOfKeys(source: string | undefined): Promise<string[]> {
  if (source === undefined || isKeysUrl(source)) return [];
  const keys = createKeySet(source);
  const trouble = await keys.load();
  keys.close();
  return trouble === null ? [] : [`--jwks: ${trouble.message}`];
}
