import { type FiledApproval, parseApproval } from "../approvals/approvals.ts";
import type { Finding } from "../result/finding.ts";
import type { ReadableFiles } from "./files.ts";

/** Reads the folder of approvals: those that can be read, and findings about those that can not. */
export async function readApprovals(
  files: ReadableFiles,
  folder: string | undefined,
): Promise<{ approvals: FiledApproval[]; findings: Finding[] }> {
  const approvals: FiledApproval[] = [];
  const findings: Finding[] = [];
  if (folder === undefined) return { approvals, findings };
  for (const file of await files.list(folder)) {
    if (!/\.ya?ml$/.test(file)) continue;
    const parsed = parseApproval(file, (await files.read(file)) ?? "");
    if (Array.isArray(parsed)) findings.push(...parsed);
    else approvals.push(parsed);
  }
  return { approvals, findings };
}
