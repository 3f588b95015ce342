/** A place in a file; lines and columns count from 1 and are left out where only the file is known. */
export interface Place {
  subgraph?: string;
  file: string;
  line?: number;
  column?: number;
}

/** Something that a person should know about a schema. An `error` fails the run; a `hint` does not. */
export interface Finding {
  severity: "error" | "hint";
  /** The composer's own code, or one of ours: OUTPUT_OUT_OF_DATE, OUTPUT_MISSING. */
  code: string;
  message: string;
  places: Place[];
  /** Lines that show what the finding is about, such as a diff. */
  excerpt?: string[];
  /** What to do about it. */
  advice?: string;
}

/** What became of one run of a command; a renderer needs nothing else. */
export interface Result {
  command: string;
  findings: Finding[];
  /** What was done, one short clause each; for the closing line. */
  done: string[];
}

/** True where nothing was found that fails a run. */
export function passed({ findings }: Result): boolean {
  return findings.every(({ severity }) => severity !== "error");
}
