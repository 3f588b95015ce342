import type { FiledApproval } from "../approvals/approvals.ts";
import type { Finding } from "../result/finding.ts";
import type { ReadableFiles } from "./files.ts";

/** Where approvals are: some files, and a folder of them there; null where the configuration names none. */
export interface ApprovalsFolder {
  files: ReadableFiles;
  folder: string | null;
}

/** Reads the head's folder of approvals: those that can be read, and findings about those that can not. */
export async function readApprovals(
  head: ApprovalsFolder,
  base: ApprovalsFolder,
): Promise<{ approvals: FiledApproval[]; findings: Finding[] }> {
  const approvals: FiledApproval[] = [];
  const findings: Finding[] = [];
  const texts = await readTexts(head);
  if (texts.size === 0) return { approvals, findings };
  const merged = new Set((await readTexts(base)).values());
  // YAML takes a while to load, and most changes need no approval.
  const { parseApproval } = await import("../approvals/approval-file.ts");
  for (const [file, text] of texts) {
    const parsed = parseApproval(file, text, merged.has(text));
    if (Array.isArray(parsed)) findings.push(...parsed);
    else approvals.push(parsed);
  }
  return { approvals, findings };
}

/** The texts of the files, without what editors and git do to the ends of lines. */
async function readTexts({ files, folder }: ApprovalsFolder): Promise<Map<string, string>> {
  const names = folder === null ? [] : (await files.list(folder)).filter((file) => /\.ya?ml$/.test(file));
  const texts = await Promise.all(names.map((file) => files.read(file)));
  return new Map(
    names.map((file, index) => [file, (texts[index] ?? "").replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")]),
  );
}
