import { changeIdOf } from "./change-id.ts";
import type { Finding } from "./finding.ts";

/**
 * Brings findings that one change causes at several operations to one, which one approval is for: all of one code, without
 * coordinates. One alone stays as it is.
 *
 * @param title what to say of a number of operations, such as `3 operations cost more`
 */
export function mergeChanges(findings: readonly Finding[], title: (count: number) => string): Finding[] {
  const [first] = findings;
  if (first === undefined || findings.length === 1) return [...findings];
  const lines = (key: "before" | "after") => findings.map((each) => each[key] ?? "").join("\n");
  const { code, changeId: _, ...rest } = first;
  const change = { code, coordinate: null, before: lines("before"), after: lines("after") };
  const message = [`${title(findings.length)}:`, ...findings.map((each) => `  ${each.message}`)].join("\n");
  const places = findings.flatMap((each) => each.places);
  return [
    {
      ...rest,
      code,
      before: change.before,
      after: change.after,
      message,
      places,
      changeId: changeIdOf(change),
    },
  ];
}
