import { createIdentityKey, publicIdentityKey } from "@tributary/subgraph-kit/identity";
import { importJWK, SignJWT, type JWK } from "jose";
import type { DataDirPaths } from "./data-dir.ts";
import { StackError } from "./error.ts";
import { claimsOf, type Person } from "./people.ts";
import { readJson, writePrivateJson } from "./private-file.ts";

/** `iss` and `aud` of the tokens that the local issuer makes. */
export const LOCAL_ISSUER = "tributary-local";
export const AUDIENCE = "tributary";

/** Makes the pairs of keys that are missing: the local issuer's, and the gateway's for its identity tokens. */
export async function ensureKeys(paths: DataDirPaths): Promise<void> {
  for (const [file, jwks] of [
    [paths.issuerKey, paths.issuerJwks],
    [paths.gatewayKey, paths.gatewayJwks],
  ] as const) {
    if (readJson(file) === undefined) writePrivateJson(file, await createIdentityKey());
    writePrivateJson(jwks, { keys: [await publicIdentityKey(readJson(file) as JWK)] });
  }
}

export interface TokenRequest {
  readonly person: Person;
  /** Needed for a customer. */
  readonly customerId: string | null;
  readonly lifetimeSeconds: number;
}

/**
 * Signs a token as an identity provider would (JWT, RFC 7519; EdDSA).
 *
 * @throws StackError for a customer without an id, or where there is no key
 */
export async function issueToken(
  paths: Pick<DataDirPaths, "issuerKey">,
  request: TokenRequest,
): Promise<string> {
  const { person, customerId, lifetimeSeconds } = request;
  if (person === "customer" && customerId === null) {
    throw new StackError("there is no customer yet: seed or import some, or name one with --customer ID");
  }
  const key = readJson(paths.issuerKey) as JWK | undefined;
  if (!key?.kid) throw new StackError("the local issuer has no key: start the stack with npm start");
  return new SignJWT(claimsOf(person, customerId))
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid, typ: "JWT" })
    .setIssuer(LOCAL_ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${lifetimeSeconds} s`)
    .sign(await importJWK(key, "EdDSA"));
}
