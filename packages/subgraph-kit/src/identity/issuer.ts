import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from "jose";
import { gatewayIssuer, type Identity } from "./identity.ts";

export interface IdentityIssuerOptions {
  /** Private Ed25519 key (RFC 8037). @default a new pair, which lives as long as the process */
  readonly privateKey?: JWK;
  /** @default "tributary-gateway" */
  readonly issuer?: string;
  /** How long a token is valid, in seconds. @default 60 */
  readonly lifetimeSeconds?: number;
}

/** The gateway's end of the wire. */
export interface IdentityIssuer {
  /**
   * A token that tells one subgraph who is asking. The same identity object gets the same token again while half of
   * its life is left, so that a page of fetches is not a page of signatures.
   */
  issue(identity: Identity, audience: string): Promise<string>;
  /** The public keys that subgraphs verify with. */
  readonly jwks: JSONWebKeySet;
}

interface Issued {
  readonly token: Promise<string>;
  /** In milliseconds since the epoch. */
  readonly renewAt: number;
}

/**
 * Makes the issuer of short-lived identity tokens (payload: `IdentityClaims`).
 *
 * @throws Error where the key is not a private Ed25519 key
 */
export async function createIdentityIssuer(options: IdentityIssuerOptions = {}): Promise<IdentityIssuer> {
  const { issuer = gatewayIssuer, lifetimeSeconds = 60 } = options;
  const privateJwk = options.privateKey ?? (await createIdentityKey());
  if (privateJwk.kty !== "OKP" || privateJwk.crv !== "Ed25519" || privateJwk.d === undefined) {
    throw new Error(
      "The identity key must be a private Ed25519 key in JWK form (kty OKP, crv Ed25519, with d).",
    );
  }
  const key = await importJWK(privateJwk, "EdDSA");
  const publicJwk = await publicIdentityKey(privateJwk);
  const kid = publicJwk.kid!;
  const issued = new WeakMap<Identity, Map<string, Issued>>();

  const sign = (identity: Identity, audience: string, nowMilliseconds: number) => {
    const now = Math.floor(nowMilliseconds / 1000);
    const token = new SignJWT({ scope: [...identity.scopes].join(" "), claims: identity.claims })
      .setProtectedHeader({ alg: "EdDSA", kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetimeSeconds);
    if (identity.subject !== null) token.setSubject(identity.subject);
    return token.sign(key);
  };

  return {
    jwks: { keys: [publicJwk] },
    async issue(identity, audience) {
      const now = Date.now();
      const tokens = issued.get(identity) ?? new Map<string, Issued>();
      issued.set(identity, tokens);
      const known = tokens.get(audience);
      if (known !== undefined && now < known.renewAt) return known.token;
      const fresh = { token: sign(identity, audience, now), renewAt: now + (lifetimeSeconds * 1000) / 2 };
      tokens.set(audience, fresh);
      fresh.token.catch(() => tokens.delete(audience));
      return fresh.token;
    },
  };
}

/** A new private Ed25519 key, as a JWK with `kid` (RFC 7638 thumbprint), `alg` and `use`. */
export async function createIdentityKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "EdDSA", use: "sig" };
}

/** The public half of a private Ed25519 JWK. */
export async function publicIdentityKey(privateKey: JWK): Promise<JWK> {
  const { kty, crv, x } = privateKey;
  const jwk = { kty, crv, x } as JWK;
  return { ...jwk, kid: privateKey.kid ?? (await calculateJwkThumbprint(jwk)), alg: "EdDSA", use: "sig" };
}
