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
