import { type Change, changeIdOf } from "./change-id.ts";
import type { Finding, Kind, Severity } from "./finding.ts";

const severities: Record<Kind, Severity> = { breaking: "error", dangerous: "warning", safe: "hint" };

/** A finding about a change. It is as severe as its kind, unless it says otherwise itself. */
export function changeFinding(
  finding: Omit<Finding, "severity" | "changeId" | "coordinate"> &
    Change & { kind: Kind; severity?: Severity },
): Finding {
  const { coordinate, ...rest } = finding;
  return {
    severity: severities[finding.kind],
    ...rest,
    ...(coordinate === null ? {} : { coordinate }),
    changeId: changeIdOf(finding),
  };
}
