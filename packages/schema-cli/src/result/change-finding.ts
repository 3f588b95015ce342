import { type Change, changeIdOf } from "./change-id.ts";
import type { Cause, Finding, Kind, Severity } from "./finding.ts";

const severities: Record<Kind, Severity> = { breaking: "error", dangerous: "warning", safe: "hint" };

/**
 * A finding about a change. It is as severe as its kind, unless it says otherwise itself. What follows from other changes
 * has no id: there is nothing to approve.
 */
export function changeFinding(
  finding: Omit<Finding, "severity" | "changeId" | "coordinate"> &
    Change & { kind: Kind; severity?: Severity },
): Finding {
  const { coordinate, causes = [], ...rest } = finding;
  return {
    severity: severities[finding.kind],
    ...rest,
    ...(coordinate === null ? {} : { coordinate }),
    ...(causes.length === 0 ? { changeId: changeIdOf(finding) } : { causes }),
  };
}

/** Names a change as the cause of a finding. */
export function causeOf(change: Change): Cause {
  const { code, coordinate } = change;
  return { changeId: changeIdOf(change), code, ...(coordinate === null ? {} : { coordinate }) };
}

/** The changes that something follows from which these findings bring about: those that they follow from, or they themselves. */
export function rootCauses(findings: readonly Finding[]): Cause[] {
  const causes = findings.flatMap(({ changeId, code, coordinate, causes: own }): Cause[] => {
    if (own !== undefined) return own;
    if (changeId === undefined) return [];
    return [{ changeId, code, ...(coordinate === undefined ? {} : { coordinate }) }];
  });
  return [...new Map(causes.map((cause) => [cause.changeId, cause])).values()];
}

/** A cause as people read it, with what `schema approve` takes first. */
export function causeText({ changeId, code, coordinate }: Cause): string {
  return [changeId, code, coordinate].filter((part) => part !== undefined).join(" ");
}
