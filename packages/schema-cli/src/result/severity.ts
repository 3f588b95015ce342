import type { Result, Severity } from "./finding.ts";

/** Severities, worst first. */
export const severities: readonly Severity[] = ["error", "warning", "hint"];

/** A result with what is at least so severe, and how much that leaves out. Errors always stay. */
export function leaveOut(result: Result, least: Severity = "hint"): Result {
  const kept = new Set(severities.slice(0, severities.indexOf(least) + 1));
  const findings = result.findings.filter(({ severity }) => kept.has(severity));
  const leftOut = result.findings.length - findings.length;
  return leftOut === 0 ? result : { ...result, findings, leftOut };
}
