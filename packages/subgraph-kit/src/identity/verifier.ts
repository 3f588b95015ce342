import { errors, type JWTPayload, jwtVerify } from "jose";
import { parseBearer } from "./bearer.ts";
import { gatewayIssuer, type Identity, identityOfGatewayToken } from "./identity.ts";
import { IdentityError, type IdentityErrorReason } from "./identity-error.ts";
import { KeysError, type KeySet } from "./keys.ts";

export interface TokenVerifierOptions {
  /** The keys that tokens may be signed with. */
  readonly keys: KeySet;
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
  const verifyOptions = {
    issuer: options.issuer,
    audience: options.audience,
    algorithms: [...options.algorithms],
    clockTolerance: options.clockSkewSeconds,
    requiredClaims: ["exp"],
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, options.keys.find, verifyOptions);
      requireTimes(payload);
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof KeysError)) throw error;
      throw new IdentityError(reasonOf(error), { cause: error });
    }
  };
}

export interface IdentityVerifierOptions {
  /** The gateway's public keys. */
  readonly keys: KeySet;
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
    keys: options.keys,
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

/** The last moment that there is, in seconds since the epoch (ECMA-262, 21.4.1.1). */
const LAST_SECOND = 8.64e12;

/** JSON has numbers that are no point in time, such as 1e400, which compares as later than all of them. */
function requireTimes(payload: JWTPayload): void {
  for (const claim of ["exp", "nbf", "iat"] as const) {
    const value = payload[claim];
    if (value !== undefined && !(Math.abs(value) <= LAST_SECOND)) throw new IdentityError("claims");
  }
}

function reasonOf(error: Error): IdentityErrorReason {
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
  if (error instanceof KeysError) return "keys-unavailable";
  // Whatever else jose finds wrong is wrong with the token.
  return "malformed";
}
