import { createHash } from "node:crypto";
import type { Finding } from "../result/finding.ts";
import { mainPlace } from "./severity.ts";

/**
 * What tells findings apart from run to run, so that one that stays is not taken for a new one: a hash of everything
 * but lines and columns. Equal findings are counted.
 *
 * @returns 64 hexadecimal digits for each finding, all different
 */
export function fingerprints(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const { code, coordinate, before, after, message, changeId } = finding;
    const identity =
      changeId === undefined
        ? [code, coordinate, before, after, message, mainPlace(finding)?.file]
        : [changeId];
    const key = JSON.stringify(identity);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return createHash("sha256").update(`${key}${count}`).digest("hex");
  });
}
