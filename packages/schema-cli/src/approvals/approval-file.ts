import { LineCounter, parseDocument, stringify } from "yaml";
import { z } from "zod";
import type { Finding, Place } from "../result/finding.ts";
import type { Approval, FiledApproval } from "./approvals.ts";
import { isDay } from "./day.ts";

const approvalSchema = z.strictObject({
  code: z.string().min(1),
  coordinate: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string().trim().min(1, "must say why"),
  expires: z.string().refine((value) => isDay(value), "must be a day, such as 2026-12-31"),
});

/**
 * Reads one approval's file: what it says, or findings that say what is wrong with it.
 *
 * @param merged whether the base has it as it is
 */
export function parseApproval(file: string, text: string, merged: boolean): FiledApproval | Finding[] {
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
  if (parsed.success) return { file, approval: parsed.data, merged };
  return parsed.error.issues.map((issue) =>
    fault([issue.path.join("."), issue.message].filter((part) => part !== "").join(": ")),
  );
}

/** An approval as it stands in its file. */
export function printApproval({ code, coordinate, before, after, reason, expires }: Approval): string {
  return stringify({ code, coordinate, before, after, reason, expires }, { lineWidth: 0 });
}
