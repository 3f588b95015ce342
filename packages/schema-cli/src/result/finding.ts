import type { StepReport } from "./step-name.ts";

/** Counts up whenever a field of `Result` changes its meaning or goes; new optional fields leave it as it is. */
export const resultVersion = 1;

/** A place in a file; lines and columns count from 1 and are left out where only the file is known. */
export interface Place {
  subgraph?: string;
  file: string;
  line?: number;
  column?: number;
  /** `base` where the file is the base's, such as where something was that is gone; `head` if left out. */
  side?: "base" | "head";
}

/** An `error` fails the run, a `warning` is a risk that does not, a `hint` is there to be known. */
export type Severity = "error" | "warning" | "hint";

/** What a change does to clients: breaks them, may break them, or leaves them be. */
export type Kind = "breaking" | "dangerous" | "safe";

/** How often an operation was sent, where that was counted. */
export interface Sent {
  requests: number;
  /** When the last one came (ISO 8601, UTC). */
  last: string;
  /** Clients that told who they are, with their versions. */
  clients: string[];
}

/** A known operation that a finding touches. */
export interface OperationImpact {
  name: string;
  place: Place;
  /** `broken`: it no longer runs. `affected`: it runs, but may get what it never got before. */
  verdict: "broken" | "affected";
  sent?: Sent;
}

/** What lets an error pass: an approval, or a complete set of operations none of which is broken. */
export interface Excuse {
  by: "approval" | "operations";
  reason: string;
  /** The approval's file. */
  file?: string;
  /** The day on which the approval ends, `YYYY-MM-DD` (UTC). */
  expires?: string;
}

/** A change that another finding follows from. */
export interface Cause {
  changeId: string;
  code: string;
  coordinate?: string;
}

/** Something that a person should know about a schema. */
export interface Finding {
  severity: Severity;
  /** The composer's own code, or one of ours (`schema explain <CODE>`). */
  code: string;
  message: string;
  places: Place[];
  /** Lines that show what the finding is about, such as a diff. */
  excerpt?: string[];
  /** What to do about it. */
  advice?: string;
  /** Where there is a change between base and head: what it does to clients. */
  kind?: Kind;
  /** What changed, as a schema coordinate (`Type`, `Type.field`, `Type.field(argument:)`, `@directive`). */
  coordinate?: string;
  /** What the base had there; null where it had nothing. */
  before?: string | null;
  /** What the head has there; null where it has nothing. */
  after?: string | null;
  /**
   * Names the change in `schema approve <change-id>`: of code, coordinate, before and after, and nothing else. What follows
   * from other changes has none.
   */
  changeId?: string;
  /**
   * The changes that this follows from, as an operation breaks by a field that is gone. It is no change of its own: it
   * fails the run where one of them does, and passes when all of them are approved.
   */
  causes?: Cause[];
  operations?: OperationImpact[];
  /** Why the finding does not fail the run, though it is of a kind that does. Its severity is `hint` then. */
  excuse?: Excuse;
  /** The step that found it. */
  step?: StepReport["name"];
}

/** What became of one run of a command; a renderer needs nothing else. */
export interface Result {
  version: typeof resultVersion;
  command: string;
  /** What `check` compared with. */
  base?: { ref: string; commit: string };
  /** The steps of `check`, in the order in which they are printed. */
  steps?: StepReport[];
  findings: Finding[];
  /** What was done, one short clause each. */
  done: string[];
  /** How many findings were left out as they were less severe than was asked for (`--min-severity`). */
  leftOut?: number;
}

/** True where nothing was found that fails a run, and every step that was asked for could look. */
export function passed({ findings, steps = [] }: Result): boolean {
  return (
    findings.every(({ severity }) => severity !== "error") &&
    steps.every(({ outcome }) => outcome !== "unchecked")
  );
}
