import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/**
 * Tells inputs apart: two inputs have the same fingerprint exactly if they are the same JSON value, whatever the order
 * of their keys (RFC 8785, JSON Canonicalization Scheme).
 *
 * @param input any JSON value
 * @returns the SHA-256 of the canonical text, 64 hexadecimal digits
 */
export function fingerprint(input: unknown): string {
  return createHash("sha256")
    .update(canonicalize(input) ?? "")
    .digest("hex");
}
