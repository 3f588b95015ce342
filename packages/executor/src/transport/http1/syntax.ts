import { errors } from "undici";

/** A name (RFC 9110, 5.6.2), as a part of a regular expression. */
export const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** What no line has in it: control characters, and line breaks that are not CR LF. */
// oxlint-disable-next-line no-control-regex
export const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;

/** An answer is no HTTP/1.1. */
export function malformed(what: string): Error {
  return new errors.HTTPParserError(`Response does not match the HTTP/1.1 protocol (${what})`);
}
