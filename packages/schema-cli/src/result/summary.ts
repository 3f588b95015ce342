import type { Finding, Result } from "./finding.ts";
import { passed } from "./finding.ts";
import { plural } from "./plural.ts";

/** How many changes there are, what they do to known operations, and what else was found. */
export interface Counts {
  /** Changes that fail the run as they break clients. */
  breaking: number;
  /** Other changes that fail the run until they are approved. */
  toApprove: number;
  dangerous: number;
  safe: number;
  /** Changes that would fail the run, but for an approval or for want of an operation that uses them. */
  approved: number;
  excused: number;
  operations: { broken: number; affected: number };
  /** What is no change, such as what the linter and the composer find. */
  errors: number;
  warnings: number;
  hints: number;
}

/** Whether something else stands for a finding: a change that it follows from, which lists the operations it touches. */
export function isListedElsewhere({ causes, code }: Finding, ids: ReadonlySet<string | undefined>): boolean {
  return code.startsWith("OPERATION_") && causes?.some(({ changeId }) => ids.has(changeId)) === true;
}

/** The findings that are worth a line of their own: operations are listed with the changes that touch them. */
export function ownLines({ findings }: Pick<Result, "findings">): Finding[] {
  const ids = new Set(findings.map(({ changeId }) => changeId));
  return findings.filter((finding) => !isListedElsewhere(finding, ids));
}

/** Counts changes, each once however many lines it takes, and operations. */
export function count({ findings }: Pick<Result, "findings">): Counts {
  const number = (is: (finding: Finding) => boolean) => findings.filter(is).length;
  const change = (is: (finding: Finding) => boolean) =>
    number((each) => each.changeId !== undefined && !each.code.startsWith("OPERATION_") && is(each));
  const operation = (code: string) => number((each) => each.code === code && each.severity !== "hint");
  const other = (severity: string) =>
    number((each) => each.changeId === undefined && each.causes === undefined && each.severity === severity);
  return {
    breaking: change(({ severity, kind }) => severity === "error" && kind === "breaking"),
    toApprove: change(({ severity, kind }) => severity === "error" && kind !== "breaking"),
    dangerous: change(({ severity }) => severity === "warning"),
    safe: change(({ severity, excuse }) => severity === "hint" && excuse === undefined),
    approved: change(({ excuse }) => excuse?.by === "approval"),
    excused: change(({ excuse }) => excuse?.by === "operations"),
    operations: { broken: operation("OPERATION_BROKEN"), affected: operation("OPERATION_AFFECTED") },
    errors: other("error"),
    warnings: other("warning"),
    hints: other("hint"),
  };
}

/** What a run came to, in clauses, what fails it first: `1 breaking change`, `2 operations broken`, `could not look: plan`. */
export function summary(result: Result): string[] {
  const { steps = [], leftOut = 0 } = result;
  const counts = count(result);
  const unchecked = steps.filter(({ outcome }) => outcome === "unchecked").map(({ name }) => name);
  const all = unchecked.length === steps.length;
  const names =
    unchecked.length > shown ? `${unchecked.length} of ${steps.length} steps` : unchecked.join(", ");
  const clauses: [count: number, text: string][] = [
    [counts.breaking, plural(counts.breaking, "breaking change")],
    [counts.toApprove, `${plural(counts.toApprove, "change")} to approve`],
    [counts.errors, plural(counts.errors, "error")],
    [unchecked.length, all ? "could not look" : `could not look: ${names}`],
    [counts.operations.broken, `${plural(counts.operations.broken, "operation")} broken`],
    [counts.dangerous, plural(counts.dangerous, "dangerous change")],
    [counts.operations.affected, `${plural(counts.operations.affected, "operation")} affected`],
    [counts.warnings, plural(counts.warnings, "warning")],
    [counts.approved, plural(counts.approved, "approved change")],
    [counts.excused, plural(counts.excused, "excused change")],
    [counts.safe, plural(counts.safe, "safe change")],
    [counts.hints, plural(counts.hints, "hint")],
    [leftOut, `${leftOut} less severe not shown`],
  ];
  return clauses.flatMap(([number, text]) => (number === 0 ? [] : [text]));
}

/** How many steps are named in a line that has to be short. */
const shown = 3;

/** Whether a run passed and what it came to, in one line: `schema check: failed: 1 breaking change`. */
export function verdict(result: Result, more: readonly string[] = []): string {
  const clauses = [...summary(result), ...more];
  const word = passed(result) ? "passed" : "failed";
  return [`schema ${result.command}: ${word}`, ...(clauses.length === 0 ? [] : [clauses.join(", ")])].join(
    ": ",
  );
}

/** A finding in one line, without its severity: its code, what it is about, and what follows from it or it from. */
export function headline(finding: Finding): string {
  const { code, coordinate, message, operations = [], causes } = finding;
  const name = `${code} ${coordinate ?? message.split("\n")[0]?.replace(/:$/, "") ?? ""}`.trimEnd();
  const notes = (["broken", "affected"] as const).flatMap((verdictOf) => {
    const touched = operations.filter((each) => each.verdict === verdictOf).length;
    if (touched === 0) return [];
    return `${verdictOf === "broken" ? "breaks" : "affects"} ${plural(touched, "operation")}`;
  });
  const [cause] = causes ?? [];
  if (cause !== undefined) notes.push(`follows from ${cause.coordinate ?? cause.code}`);
  return notes.length === 0 ? name : `${name}: ${notes.join(", ")}`;
}

/** How severe a finding is, or that it passes and why: a word. */
export function standing({ severity, excuse }: Finding): string {
  if (excuse === undefined) return severity;
  return excuse.by === "approval" ? "approved" : "excused";
}
