import { codedError, unauthenticated } from "@tributary/subgraph-kit/errors";
import {
  anonymous,
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
 *   the message; INTERNAL_SERVER_ERROR (HTTP 503) where the issuer's keys cannot be read
 */
export type Authenticator = (authorization: string | undefined) => Identity | Promise<Identity>;

export interface AuthenticatorOptions {
  readonly verify: TokenVerifier;
  /** Told why keys could not be read. */
  readonly onKeysUnavailable: (cause: unknown) => void;
  /** How many verified tokens are remembered. @default 10000 */
  readonly cacheSize?: number;
}

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
  const { verify, onKeysUnavailable, cacheSize = 10_000 } = options;
  const remembered = new Map<string, Remembered>();

  const refusalFor = (error: unknown): unknown => {
    if (!(error instanceof IdentityError)) return error;
    if (error.reason !== "keys-unavailable")
      return unauthenticated(error.message, { extensions: { reason: error.reason } });
    onKeysUnavailable(error.cause);
    return codedError("INTERNAL_SERVER_ERROR", "Tokens cannot be checked now. Try again later.", {
      httpStatus: 503,
    });
  };
  const verifyAnew = async (token: string, now: number): Promise<Identity> => {
    try {
      const payload = await verify(token);
      const identity = identityOfUserToken(payload);
      if (identity.subject === null) throw new IdentityError("claims");
      const until = Math.min(now + longestMemoryMilliseconds, (payload.exp ?? 0) * 1000);
      remembered.set(token, { identity, until });
      // A map keeps the order of insertion: the first is the oldest.
      if (remembered.size > cacheSize) remembered.delete(remembered.keys().next().value!);
      return identity;
    } catch (error) {
      throw refusalFor(error);
    }
  };

  return (authorization) => {
    if (authorization === undefined) return anonymous;
    let token: string | null;
    try {
      token = parseBearer(authorization);
    } catch (error) {
      throw refusalFor(error);
    }
    if (token === null) return anonymous;
    const now = Date.now();
    const known = remembered.get(token);
    if (known !== undefined && now < known.until) return known.identity;
    remembered.delete(token);
    return verifyAnew(token, now);
  };
}
