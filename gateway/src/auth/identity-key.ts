import type { IdentityIssuerOptions } from "@tributary/subgraph-kit/identity";

/** The key that identity tokens are signed with is not one. */
export class IdentityKeyError extends Error {
  override readonly name = "IdentityKeyError";
}

/**
 * Reads the private key that identity tokens are signed with.
 *
 * @param text a JWK (RFC 8037: kty OKP, crv Ed25519, with d)
 * @throws IdentityKeyError; its message holds nothing of the file
 */
export function readIdentityKey(text: string): NonNullable<IdentityIssuerOptions["privateKey"]> {
  const fault = () =>
    new IdentityKeyError(
      "The file that --identity-key names holds no private Ed25519 key as a JWK (kty OKP, crv Ed25519, d).",
    );
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    throw fault();
  }
  if (typeof key !== "object" || key === null) throw fault();
  const { kty, crv, d } = key as Record<string, unknown>;
  if (kty !== "OKP" || crv !== "Ed25519" || typeof d !== "string") throw fault();
  return key;
}
