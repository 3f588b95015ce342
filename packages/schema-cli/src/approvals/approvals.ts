import { LineCounter, parseDocument, stringify } from "yaml";
import { z } from "zod";
import { type Change, changeIdOf } from "../result/change-id.ts";
import type { Finding, Place } from "../result/finding.ts";

const day = z.string().refine((value) => isDay(value), "must be a day, such as 2026-12-31");

const approvalSchema = z.strictObject({
  code: z.string().min(1),
  coordinate: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string().trim().min(1, "must say why"),
  expires: day,
});

/** Lets one change pass until the end of a day (UTC). */
export type Approval = z.infer<typeof approvalSchema>;

export interface FiledApproval {
  file: string;
  approval: Approval;
}

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(time) && dayOf(new Date(time)) === value;
}

/** The day of a moment, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** Reads one approval's file: what it says, or findings that say what is wrong with it. */
export function parseApproval(file: string, text: string): FiledApproval | Finding[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fault = (message: string, at?: number): Finding => {
    const place: Place = { file };
    if (at !== undefined) {
      const { line, col } = lines.linePos(at);
      Object.assign(place, { line, column: col });
    }
    return { severity: "error", code: "APPROVAL_INVALID", message: `${file}: ${message}`, places: [place] };
  };
  if (document.errors.length > 0) {
    return document.errors.map((error) => fault(error.message.split("\n")[0] ?? "", error.pos[0]));
  }
  const parsed = approvalSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return { file, approval: parsed.data };
  return parsed.error.issues.map((issue) =>
    fault([issue.path.join("."), issue.message].filter((part) => part !== "").join(": ")),
  );
}

/** An approval as it stands in its file. */
export function printApproval({ code, coordinate, before, after, reason, expires }: Approval): string {
  return stringify({ code, coordinate, before, after, reason, expires }, { lineWidth: 0 });
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
    if (needed || !looked(approval.code)) continue;
    const message = `Nothing needs the approval of ${nameOf(approval)}.`;
    own.push({
      severity: "error",
      code: "APPROVAL_UNUSED",
      message,
      places: [{ file }],
      advice: "delete it: the change was merged or taken back, or is another one now",
    });
  }
  const settled = findings.map((finding): Finding => {
    const filed = finding.changeId === undefined ? undefined : valid.get(finding.changeId);
    if (filed === undefined || finding.severity === "hint") return finding;
    const { reason, expires } = filed.approval;
    return { ...finding, severity: "hint", excuse: { by: "approval", reason, expires, file: filed.file } };
  });
  return [...settled, ...own];
}

function nameOf({ code, coordinate, before }: Change): string {
  return `${code} ${coordinate ?? before ?? ""}`.trim();
}
