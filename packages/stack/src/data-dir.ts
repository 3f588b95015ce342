import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Where the local stack keeps what: everything under one folder, which may be deleted while nothing runs. */
export function dataDirPaths(dir: string) {
  const dataDir = resolve(ROOT, dir);
  return {
    dataDir,
    lock: join(dataDir, "lock.json"),
    state: join(dataDir, "stack.json"),
    postgres: join(dataDir, "postgres"),
    passwords: join(dataDir, "databases.json"),
    logs: join(dataDir, "logs"),
    issuerKey: join(dataDir, "keys", "issuer.jwk.json"),
    issuerJwks: join(dataDir, "keys", "issuer.jwks.json"),
    gatewayKey: join(dataDir, "keys", "gateway.jwk.json"),
    gatewayJwks: join(dataDir, "keys", "gateway.jwks.json"),
  } as const;
}

export type DataDirPaths = ReturnType<typeof dataDirPaths>;
