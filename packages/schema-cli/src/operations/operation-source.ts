import type { Sent } from "../result/finding.ts";

/** A text with operations, and where it is from. */
export interface OperationSource {
  file: string;
  body: string;
  /** In a file with several texts: the name that it has there, and where it begins. */
  entry?: { name: string | null; line: number; column: number };
  sent?: Sent;
}

/** Finds where the texts of a JSON file stand in it, one after the other. */
export function createTextFinder(json: string): (text: string) => { line: number; column: number } {
  let from = 0;
  let line = 1;
  let lineStart = 0;
  return (text) => {
    // As `JSON.stringify` writes it; where it was escaped otherwise, it is somewhere below the last one found.
    const at = json.indexOf(JSON.stringify(text), from);
    const offset = at === -1 ? Math.max(from - 1, 0) : at;
    for (let next = json.indexOf("\n", lineStart); next !== -1 && next < offset;) {
      line += 1;
      lineStart = next + 1;
      next = json.indexOf("\n", lineStart);
    }
    from = offset + 1;
    return { line, column: offset - lineStart + 1 };
  };
}
