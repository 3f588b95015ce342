import type { JWTPayload } from "jose";
import { IdentityError } from "./identity-error.ts";

/** Who is asking, as verified by whoever read the token. Immutable. */
export interface Identity {
  /** The user's `sub`; null for somebody anonymous. */
  readonly subject: string | null;
  /** What the token's `scope` grants. */
  readonly scopes: ReadonlySet<string>;
  /** The user's verified claims, without the registered ones that speak of the token rather than the user. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The payload of the token that the gateway hands to a subgraph. See docs/adr/0004-authorization.md. */
export interface IdentityClaims {
  /** Always the gateway. */
  readonly iss: string;
  /** The one subgraph that the token is for. */
  readonly aud: string;
  /** Seconds since the epoch. */
  readonly iat: number;
  /** Seconds since the epoch; at most a minute after `iat`. */
  readonly exp: number;
  /** The user; absent where they are anonymous. */
  readonly sub?: string;
  /** Scopes parted by single spaces (RFC 8693, section 4.2); empty where there are none. */
  readonly scope: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The `iss` of the gateway's tokens. */
export const gatewayIssuer = "tributary-gateway";

/** Somebody who sent no token. */
export const anonymous: Identity = Object.freeze({
  subject: null,
  scopes: new Set<string>(),
  claims: Object.freeze({}),
});

const aboutTheToken = new Set(["iss", "aud", "exp", "nbf", "iat", "jti"]);

/**
 * Returns the identity in a user's verified token: `sub`, the scopes of `scope` (RFC 8693, section 4.2) and all claims
 * but those about the token itself.
 *
 * @throws IdentityError `claims` where it names no user
 */
export function identityOfUserToken(payload: JWTPayload): Identity {
  const subject = subjectOf(payload);
  if (subject === null) throw new IdentityError("claims");
  return Object.freeze({
    subject,
    scopes: parseScope(payload["scope"]),
    claims: Object.freeze(
      Object.fromEntries(Object.entries(payload).filter(([name]) => !aboutTheToken.has(name))),
    ),
  });
}

/**
 * Returns the identity in a verified token of the gateway; `sub` is absent where nobody is signed in.
 *
 * @throws IdentityError `claims` where it has a `sub` that names nobody
 */
export function identityOfGatewayToken(payload: JWTPayload): Identity {
  const claims = payload["claims"];
  return Object.freeze({
    subject: subjectOf(payload),
    scopes: parseScope(payload["scope"]),
    claims: Object.freeze(isRecord(claims) ? { ...claims } : {}),
  });
}

/** `sub` is a string where there is one (RFC 7519, section 4.1.2), which no library checks. */
function subjectOf({ sub }: JWTPayload): string | null {
  if (sub === undefined) return null;
  if (typeof sub !== "string" || sub.trim() === "") throw new IdentityError("claims");
  return sub;
}

function parseScope(scope: unknown): ReadonlySet<string> {
  return new Set(typeof scope === "string" ? scope.split(" ").filter((part) => part !== "") : []);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
