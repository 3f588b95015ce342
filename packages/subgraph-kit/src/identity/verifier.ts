import { errors, type JWTPayload, jwtVerify } from "jose";
import { parseBearer } from "./bearer.ts";
import { gatewayIssuer, type Identity, identityOfGatewayToken } from "./identity.ts";
import { IdentityError, type IdentityErrorReason } from "./identity-error.ts";
import { createKeyFinder, type KeySource } from "./keys.ts";

export interface TokenVerifierOptions {
  /** The keys that tokens may be signed with. */
  readonly jwks: KeySource;
  /** The `iss` that tokens must have. */
  readonly issuer: string;
  /** The `aud` that tokens must have, or one that must be among theirs. */
  readonly audience: string;
  /** The signature algorithms that are taken (RFC 7518, RFC 8037); never `none`. */
  readonly algorithms: readonly string[];
  /** How far clocks may differ, in seconds. */
  readonly clockSkewSeconds: number;
}

/**
 * Takes a token and returns its verified claims.
 *
 * @throws IdentityError with the reason
 */
export type TokenVerifier = (token: string) => Promise<JWTPayload>;

/** Verifies JWTs (RFC 7519, and RFC 8725 on what to pin): signature, algorithm, issuer, audience and times. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const findKey = createKeyFinder(options.jwks);
  const verifyOptions = {
    issuer: options.issuer,
    audience: options.audience,
    algorithms: [...options.algorithms],
    clockTolerance: options.clockSkewSeconds,
    requiredClaims: ["exp"],
  };
  return async (token) => {
    try {
      return (await jwtVerify(token, findKey, verifyOptions)).payload;
    } catch (error) {
      throw new IdentityError(reasonOf(error), { cause: error });
    }
  };
}

export interface IdentityVerifierOptions {
  /** The gateway's public keys. */
  readonly jwks: KeySource;
  /** This subgraph's name. */
  readonly audience: string;
  /** @default "tributary-gateway" */
  readonly issuer?: string;
  /** How far the clocks of gateway and subgraph may differ, in seconds. @default 5 */
  readonly clockSkewSeconds?: number;
}

/**
 * Takes the value of an `Authorization` header and returns who is asking.
 *
 * @throws IdentityError with the reason; `missing` where there is no header
 */
export type IdentityVerifier = (authorization: string | undefined) => Promise<Identity>;

/** The subgraph's end of the wire: only tokens that the gateway made for this subgraph pass. */
export function createIdentityVerifier(options: IdentityVerifierOptions): IdentityVerifier {
  const verify = createTokenVerifier({
    jwks: options.jwks,
    audience: options.audience,
    issuer: options.issuer ?? gatewayIssuer,
    algorithms: ["EdDSA"],
    clockSkewSeconds: options.clockSkewSeconds ?? 5,
  });
  return async (authorization) => {
    const token = parseBearer(authorization);
    if (token === null) throw new IdentityError("missing");
    return identityOfGatewayToken(await verify(token));
  };
}

function reasonOf(error: unknown): IdentityErrorReason {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "iss") return "issuer";
    if (error.claim === "aud") return "audience";
    return error.claim === "nbf" && error.reason === "check_failed" ? "not-yet-valid" : "claims";
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return "key";
  if (error instanceof errors.JOSENotSupported) return "algorithm";
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return "malformed";
  return "keys-unavailable";
}
