import { keysUnavailable, unauthenticated } from "@tributary/subgraph-kit/errors";
import {
  anonymous,
  bearerChallenge,
  type Identity,
  IdentityError,
  identityOfUserToken,
  parseBearer,
  type TokenVerifier,
} from "@tributary/subgraph-kit/identity";

/**
 * Takes the value of an `Authorization` header and returns who is asking: `anonymous` where there is none. A promise is
 * made only where a token has to be verified.
 *
 * @throws GraphQLError, or rejects with it: UNAUTHENTICATED (HTTP 401) for a token that is invalid or expired, with the class of fault in
 *   the message; KEYS_UNAVAILABLE (HTTP 503) where the issuer's keys cannot be read
 */
export type Authenticator = (authorization: string | undefined) => Identity | Promise<Identity>;

export interface AuthenticatorOptions {
  readonly verify: TokenVerifier;
  /** How many verified tokens are remembered. @default 10000 */
  readonly cacheSize?: number;
}

const isBearer = /^bearer( |$)/i;

/** No token is remembered longer than this, so that a key that was withdrawn stops working. */
const longestMemoryMilliseconds = 60_000;

interface Remembered {
  readonly identity: Identity;
  readonly until: number;
}

/**
 * Makes an authenticator. Verified tokens are remembered for up to a minute, never beyond their expiry, so that the
 * same token gives the same identity object and is not verified for each request.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { verify, cacheSize = 10_000 } = options;
  const remembered = new Map<string, Remembered>();

  const verifyAnew = async (token: string, now: number): Promise<Identity> => {
    try {
      const payload = await verify(token);
      const identity = identityOfUserToken(payload);
      const until = Math.min(now + longestMemoryMilliseconds, (payload.exp ?? 0) * 1000);
      remembered.set(token, { identity, until });
      // A map keeps the order of insertion: the first is the oldest.
      if (remembered.size > cacheSize) remembered.delete(remembered.keys().next().value!);
      return identity;
    } catch (error) {
      throw refusalFor(error, "invalid_token");
    }
  };

  return (authorization) => {
    if (authorization === undefined) return anonymous;
    let token: string | null;
    try {
      token = parseBearer(authorization);
    } catch (error) {
      throw refusalFor(error, isBearer.test(authorization) ? "invalid_token" : null);
    }
    if (token === null) return anonymous;
    const now = Date.now();
    const known = remembered.get(token);
    if (known !== undefined && now < known.until) return known.identity;
    remembered.delete(token);
    return verifyAnew(token, now);
  };
}

/** @param challenge the error of RFC 6750; null where the header holds no bearer token */
function refusalFor(error: unknown, challenge: "invalid_token" | null): unknown {
  if (!(error instanceof IdentityError)) return error;
  const { reason, message } = error;
  if (reason === "keys-unavailable") return keysUnavailable();
  return unauthenticated(message, {
    extensions: { reason },
    httpStatus: 401,
    httpHeaders: new Map([["www-authenticate", bearerChallenge(challenge, message)]]),
  });
}
