import { type Change, changeIdOf } from "../result/change-id.ts";
import type { Finding } from "../result/finding.ts";

/** Lets one change pass until the end of a day (UTC). */
export interface Approval extends Change {
  reason: string;
  /** `YYYY-MM-DD` */
  expires: string;
}

export interface FiledApproval {
  file: string;
  approval: Approval;
  /** Whether the base has it as it is: it came with the change that it is for, and that is merged. */
  merged: boolean;
}

export interface ApplyOptions {
  /** Today, in UTC. */
  today: string;
  /** Whether findings of this code were looked for, so that an approval without one is known to be unused. */
  looked: (code: string) => boolean;
}

/**
 * Lets approved findings pass: they become hints that carry the approval.
 *
 * @returns the findings, and one for each approval that is expired or that nothing needs
 */
export function applyApprovals(
  findings: readonly Finding[],
  approvals: readonly FiledApproval[],
  { today, looked }: ApplyOptions,
): Finding[] {
  const valid = new Map<string, FiledApproval>();
  const own: Finding[] = [];
  for (const filed of approvals) {
    const { file, approval } = filed;
    if (approval.expires < today) {
      const message = `The approval of ${nameOf(approval)} ended on ${approval.expires}.`;
      const advice = "delete it; if the change still has to pass, have it approved again";
      own.push({ severity: "error", code: "APPROVAL_EXPIRED", message, places: [{ file }], advice });
      continue;
    }
    const id = changeIdOf(approval);
    valid.set(id, filed);
    const needed = findings.some(({ changeId, severity }) => changeId === id && severity !== "hint");
    if (!needed && looked(approval.code)) own.push(unused(filed));
  }
  const settled = findings.map((finding): Finding => {
    const filed = finding.changeId === undefined ? undefined : valid.get(finding.changeId);
    if (filed === undefined || finding.severity === "hint") return finding;
    const { reason, expires } = filed.approval;
    return { ...finding, severity: "hint", excuse: { by: "approval", reason, expires, file: filed.file } };
  });
  return [...settled, ...own];
}

/** Fails whoever brings an approval of nothing; but not the next ones after it did what it was for. */
function unused({ file, approval, merged }: FiledApproval): Finding {
  const places = [{ file }];
  if (merged) {
    const message = `The approval of ${nameOf(approval)} is used up: what it is for is merged.`;
    const advice = `delete it by ${approval.expires}, after which it fails the check`;
    return { severity: "hint", code: "APPROVAL_USED_UP", message, places, advice };
  }
  const message = `Nothing needs the approval of ${nameOf(approval)}, which this change brings.`;
  const advice = "delete it: the change was taken back, or is another one now";
  return { severity: "error", code: "APPROVAL_UNUSED", message, places, advice };
}

function nameOf({ code, coordinate, before }: Change): string {
  return `${code} ${coordinate ?? before ?? ""}`.trim();
}
