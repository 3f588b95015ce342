import type { Result } from "../result/finding.ts";
import { ownLines } from "../result/summary.ts";
import { fingerprints } from "./fingerprint.ts";
import { details, mainPlace, reasons, worstFirst } from "./severity.ts";

export interface GitlabOptions {
  /** The file that findings are shown at which have no place of their own. */
  fallback: string;
}

const levels = { error: "critical", warning: "major", hint: "info" } as const;

/**
 * Writes findings as GitLab's Code Quality report, which shows them in merge requests.
 * https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function renderGitlab(result: Result, { fallback }: GitlabOptions): string {
  const sorted = worstFirst(ownLines(result));
  const ids = fingerprints(sorted);
  const issues = sorted.map((finding, index) => {
    const place = mainPlace(finding);
    return {
      description: [finding.message, ...details(finding)].join("\n"),
      check_name: finding.code,
      fingerprint: ids[index],
      // What follows from a change is no fault beside it.
      severity: levels[finding.causes === undefined ? finding.severity : "hint"],
      location: { path: place?.file ?? fallback, lines: { begin: place?.line ?? 1 } },
    };
  });
  const unchecked = reasons(result)
    .filter(({ outcome }) => outcome === "unchecked")
    .map(({ names, reason }) => ({
      description: `could not look: ${names.join(", ")}: ${reason}`,
      check_name: "UNCHECKED",
      fingerprint: `unchecked-${names.join("-")}`,
      severity: "blocker",
      location: { path: fallback, lines: { begin: 1 } },
    }));
  return JSON.stringify([...unchecked, ...issues], null, 2);
}
