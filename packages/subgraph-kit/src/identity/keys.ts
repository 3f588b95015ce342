import { readFile } from "node:fs/promises";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";

/** Where public keys are: a JWKS, the URL of one (http or https), or the path of a file that holds one. */
export type KeySource = JSONWebKeySet | string;

/** How soon a file is read again for a key that it did not have: rotation works, a flood of bad tokens does not. */
const rereadAfterMilliseconds = 5_000;

/**
 * Finds the public key that a token names, in a JWKS (RFC 7517). URLs are fetched when first needed, kept for ten
 * minutes, and fetched again for an unknown key; files likewise.
 */
export function createKeyFinder(source: KeySource): JWTVerifyGetKey {
  if (typeof source !== "string") return createLocalJWKSet(source);
  if (/^https?:\/\//.test(source)) return createRemoteJWKSet(new URL(source), { cooldownDuration: 5_000 });
  return createFileKeyFinder(source.startsWith("file://") ? new URL(source) : source);
}

function createFileKeyFinder(file: string | URL): JWTVerifyGetKey {
  let loaded: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined;
  const load = async () => {
    const find = createLocalJWKSet(JSON.parse(await readFile(file, "utf8")) as JSONWebKeySet);
    loaded = { find, at: performance.now() };
    return loaded;
  };
  return async (header, token) => {
    const current = loaded ?? (await load());
    try {
      return await current.find(header, token);
    } catch (error) {
      const stale = performance.now() - current.at >= rereadAfterMilliseconds;
      if (!(error instanceof errors.JWKSNoMatchingKey) || !stale) throw error;
      return (await load()).find(header, token);
    }
  };
}
