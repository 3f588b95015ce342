import { type Change, changeIdOf } from "../result/change-id.ts";
import type { Excuse, Finding } from "../result/finding.ts";

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
 * Lets approved findings pass, and what follows from them: they become hints that carry the approval.
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
    return { ...finding, severity: "hint", excuse: excuseBy(filed) };
  });
  const excuses = new Map([...valid].map(([id, filed]) => [id, excuseBy(filed)]));
  for (const { changeId, excuse } of settled) {
    if (changeId !== undefined && excuse !== undefined) excuses.set(changeId, excuse);
  }
  return [...settled.map((finding) => follow(finding, excuses)), ...own];
}

function excuseBy({ file, approval: { reason, expires } }: FiledApproval): Excuse {
  return { by: "approval", reason, expires, file };
}

/** Lets pass what follows from changes that pass, all of them. */
function follow(finding: Finding, excuses: ReadonlyMap<string, Excuse>): Finding {
  if (finding.causes === undefined || finding.severity === "hint") return finding;
  const own = finding.causes.map(({ changeId }) => excuses.get(changeId));
  const [excuse] = own;
  return excuse === undefined || own.includes(undefined) ? finding : { ...finding, severity: "hint", excuse };
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
