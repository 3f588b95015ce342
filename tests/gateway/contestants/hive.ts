import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

/** Versions are pinned, so that two runs compare the same thing. */
const DEPENDENCIES = {
  "@graphql-hive/gateway": "2.15.1",
  "@graphql-hive/router-runtime": "1.4.23",
  graphql: "16.15.0",
};

const MANIFEST = {
  private: true,
  type: "module",
  dependencies: DEPENDENCIES,
  // A registry that mirrors others in part may lack the newest; 10.2.0 has the same interface.
  overrides: { "@graphql-tools/batch-execute": "10.2.0" },
};

/*
 * As the public benchmark configures it: equal requests under way are answered once, documents compiled (`--jit`). And
 * the client's token goes to the subgraphs.
 */
const CONFIG = `
export const gatewayConfig = {
  inboundInflightRequestDeduplication: true,
  logging: "error",
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") }),
  },
};
`;

const INSTALL_MILLISECONDS = 600_000;

export interface HiveGateway {
  /** File to start with node, and the folder to start it in. */
  readonly bin: string;
  readonly folder: string;
  readonly config: string;
}

/**
 * Installs Hive Gateway where it is not yet, outside of the workspace: it is no dependency of ours.
 *
 * @param cache folder that it is kept in
 * @throws Error where npm cannot have it
 */
export async function installHiveGateway(cache: string): Promise<HiveGateway> {
  const folder = path.join(cache, `hive-gateway-${Object.values(DEPENDENCIES).join("-")}`);
  const bin = path.join(folder, "node_modules/@graphql-hive/gateway/dist/bin.js");
  const config = path.join(folder, "gateway.config.mjs");
  mkdirSync(folder, { recursive: true });
  writeFileSync(config, CONFIG);
  if (existsSync(path.join(folder, "installed"))) return { bin, folder, config };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(MANIFEST));
  await promisify(execFile)("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    timeout: INSTALL_MILLISECONDS,
  }).catch((error: Error & { stderr?: string }) => {
    const lines = (error.stderr ?? error.message).split("\n").filter((line) => line.startsWith("npm error"));
    throw new Error(`npm could not install it: ${lines.slice(0, 2).join("; ") || error.message}`);
  });
  writeFileSync(path.join(folder, "installed"), "");
  return { bin, folder, config };
}
