import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTEXTS } from "@tributary/channels/contexts";
import { createIdentityKey, publicIdentityKey } from "@tributary/subgraph-kit/identity";
import { SecretsError } from "./secrets-error.ts";

export interface SecretsOptions {
  /** Holds a folder for each of those who get secrets; each is a volume of its own, mounted where it is needed. */
  readonly folder: string;
  /** Host and port of the database server, as the subgraphs reach it. */
  readonly databaseHost: string;
  /** Whether the trial's own issuer of tokens gets a key. Where it does not, one that is there goes. */
  readonly trialIssuer: boolean;
}

/**
 * Makes what is missing and leaves alone what is there, so that each start finds the secrets of the first one:
 *
 *     database/superuser-password
 *     <context>/database-url          postgresql://<context>:<password>@<host>/<context>
 *     broker/broker-url               postgresql://broker:<password>@<host>/broker
 *     gateway/identity.jwk.json       signs who is asking, for the subgraphs
 *     issuer/issuer.jwk.json          signs the trial's tokens
 *     public/{gateway,issuer}.jwks.json
 *
 * A secret can be read by its owner alone, but for the database's: the account of that image is not ours to know.
 *
 * @returns the files that were made, relative to the folder
 * @throws SecretsError where a folder cannot be written
 */
export async function makeSecrets(options: SecretsOptions): Promise<string[]> {
  const { folder, databaseHost, trialIssuer } = options;
  const made: string[] = [];
  const make = (file: string, mode: number, text: () => string): void => {
    const path = join(folder, file);
    if (existsSync(path)) return;
    write(path, text(), mode);
    made.push(file);
  };

  make("database/superuser-password", 0o444, password);
  for (const context of CONTEXTS) {
    make(
      `${context}/database-url`,
      0o400,
      () => `postgresql://${context}:${password()}@${databaseHost}/${context}`,
    );
  }
  make("broker/broker-url", 0o400, () => `postgresql://broker:${password()}@${databaseHost}/broker`);
  for (const name of trialIssuer ? (["gateway", "issuer"] as const) : (["gateway"] as const)) {
    const file = name === "gateway" ? "gateway/identity.jwk.json" : "issuer/issuer.jwk.json";
    const fresh = JSON.stringify(await createIdentityKey());
    make(file, 0o400, () => fresh);
    const key = JSON.parse(readFileSync(join(folder, file), "utf8")) as Parameters<
      typeof publicIdentityKey
    >[0];
    const published = JSON.stringify({ keys: [await publicIdentityKey(key)] });
    const publicFile = `public/${name}.jwks.json`;
    // Always as the private key says: a key that was replaced must not leave the old one trusted.
    if (readOrNothing(join(folder, publicFile)) !== published) {
      write(join(folder, publicFile), published, 0o444);
      made.push(publicFile);
    }
  }
  if (!trialIssuer) {
    for (const file of ["issuer/issuer.jwk.json", "public/issuer.jwks.json"])
      rmSync(join(folder, file), { force: true });
  }
  return made;
}

/** 256 bits, of characters that need no escaping in a URL. */
function password(): string {
  return randomBytes(32).toString("base64url");
}

function readOrNothing(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Written beside and renamed: a file that is there is whole. */
function write(path: string, text: string, mode: number): void {
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, text, { mode, flag: "wx" });
    renameSync(draft, path);
  } catch (cause) {
    throw new SecretsError(
      `${path} cannot be written (${(cause as NodeJS.ErrnoException).code}): ` +
        "the volume was made by something else; `docker compose down --volumes` removes it, and the data with it",
      { cause },
    );
  }
}
