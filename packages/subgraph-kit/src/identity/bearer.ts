import { IdentityError } from "./identity-error.ts";

const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/**
 * The token in an `Authorization` header (RFC 6750, section 2.1).
 *
 * @param header the header's value; undefined or empty where the request has none
 * @returns the token, or null where there is no header
 * @throws IdentityError `malformed` where the header holds anything but one bearer token
 */
export function parseBearer(header: string | undefined): string | null {
  if (header === undefined || header === "") return null;
  const token = bearer.exec(header)?.[1];
  if (token === undefined) throw new IdentityError("malformed");
  return token;
}

/**
 * Tells whether a request has more than one `Authorization` header, of which node:http drops all but the first. Which of
 * them counts is not for a server to guess: others on the request's way may have looked at another one.
 *
 * @param rawHeaders names and values in turn, as node:http has them
 */
export function hasSeveralAuthorizations(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === NAME.length && name.toLowerCase() === NAME) count++;
  }
  return count > 1;
}

const NAME = "authorization";

/**
 * Makes the `WWW-Authenticate` header of a refusal (RFC 6750, section 3): without an error where the request has no
 * bearer token at all.
 *
 * @param error the code of the error (section 3.1); null where there was no token
 * @param description in words, of the characters that the header may hold
 */
export function bearerChallenge(error: "invalid_request" | "invalid_token" | null, description = ""): string {
  if (error === null) return "Bearer";
  return `Bearer error="${error}", error_description="${description.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "")}"`;
}
