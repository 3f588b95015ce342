import type { Finding, Place, Result } from "../result/finding.ts";
import { severities } from "../result/severity.ts";
import { sentText } from "../result/sent-text.ts";
import { causeText } from "../result/change-finding.ts";

/** The findings, worst first; of one severity in their order, but for those that follow from others, which come last. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return severities.flatMap((severity) => {
    const own = findings.filter((finding) => finding.severity === severity);
    return [
      ...own.filter(({ causes }) => causes === undefined),
      ...own.filter(({ causes }) => causes !== undefined),
    ];
  });
}

/** Where a reader of the head should look: the first place that is there; else the first of the base, by its file alone. */
export function mainPlace({ places }: Finding): Place | undefined {
  const head = places.find(({ side }) => side !== "base");
  const [first] = places;
  if (head !== undefined || first === undefined) return head;
  return {
    file: first.file,
    side: "base",
    ...(first.subgraph === undefined ? {} : { subgraph: first.subgraph }),
  };
}

/** A place as `file:line:column`, as far as it is known. */
export function at({ file, line, column, side }: Place): string {
  const text = [file, line, column].filter((part) => part !== undefined).join(":");
  return side === "base" ? `${text} (base)` : text;
}

/** How many operations are listed at a change; the JSON has all of them. */
const listed = 10;

/** All that there is to say about a finding but its code and places, in lines of plain text. */
export function details(finding: Finding): string[] {
  const { excerpt = [], operations = [], causes = [], excuse, advice, changeId, severity } = finding;
  const lines = [...excerpt];
  const worst = [...operations].sort((one, other) => other.verdict.localeCompare(one.verdict));
  for (const { name, place, verdict, sent } of worst.slice(0, listed)) {
    lines.push(`${verdict}: ${name} (${at(place)})${sent === undefined ? "" : `, ${sentText(sent)}`}`);
  }
  if (worst.length > listed) lines.push(`and ${worst.length - listed} more operations`);
  for (const cause of causes) lines.push(`Follows from: ${causeText(cause)}`);
  if (excuse !== undefined) lines.push(excuseText(excuse));
  if (advice !== undefined) lines.push(`To do: ${advice}`);
  if (changeId !== undefined && severity === "error") lines.push(`Change: ${changeId}`);
  return lines;
}

/** Why a finding does not fail the run, in a sentence. */
export function excuseText({ by, reason, file, expires }: NonNullable<Finding["excuse"]>): string {
  const until = expires === undefined ? "" : ` until ${expires}`;
  const where = file === undefined ? "" : ` (${file})`;
  return `${by === "approval" ? "Approved" : "Excused"}${until}: ${reason}${where}`;
}

/** The steps that did not look, those of one reason together. */
export function reasons({ steps = [] }: Result) {
  const groups: { outcome: "skipped" | "unchecked"; names: string[]; reason: string }[] = [];
  for (const { name, outcome, reason = "" } of steps) {
    if (outcome === "done") continue;
    const same = groups.find((group) => group.outcome === outcome && group.reason === reason);
    if (same === undefined) groups.push({ outcome, names: [name], reason });
    else same.names.push(name);
  }
  return groups;
}
