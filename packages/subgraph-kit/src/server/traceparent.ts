import { randomBytes } from "node:crypto";

/** Version 00 of W3C Trace Context: trace id, span id and flags, none of the ids all zeros. */
const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Reads the `traceparent` header of a request; makes a new trace where there is none that can be read.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceparentOf(header: string | string[] | undefined): string {
  if (typeof header === "string" && pattern.test(header)) return header;
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
