import type { Finding, Place, Result, Severity } from "../result/finding.ts";
import { sentText } from "../result/sent-text.ts";
import { plural } from "../result/plural.ts";

/** Severities, worst first. */
export const severities: readonly Severity[] = ["error", "warning", "hint"];

/** The findings, worst first; those of one severity stay in their order. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** How many steps are named in a line that has to be short. */
const shown = 3;

/** What a run came to, in clauses: `2 errors`, `1 hint`, `could not look: plan`, and what was done. */
export function summary({ findings, steps = [], done }: Result): string[] {
  const counts = severities.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [plural(number, severity)];
  });
  const unchecked = steps.filter(({ outcome }) => outcome === "unchecked").map(({ name }) => name);
  if (unchecked.length > 0) {
    const all = unchecked.length === steps.length;
    const names =
      unchecked.length > shown ? `${unchecked.length} of ${steps.length} steps` : unchecked.join(", ");
    counts.push(all ? "could not look" : `could not look: ${names}`);
  }
  return [...counts, ...done];
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

/** All that there is to say about a finding but its code and places, in lines of plain text. */
export function details({ excerpt, operations, excuse, advice, changeId, severity }: Finding): string[] {
  const lines = [...(excerpt ?? [])];
  for (const { name, place, verdict, sent } of operations ?? []) {
    lines.push(`${verdict}: ${name} (${at(place)})${sent === undefined ? "" : `, ${sentText(sent)}`}`);
  }
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
