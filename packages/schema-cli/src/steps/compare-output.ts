import { structuredPatch } from "diff";
import type { Finding } from "../result/finding.ts";

/** A file that composition writes. */
export interface Output {
  /** The file's name as people should see it. */
  file: string;
  /** What the file has now; null where there is none. */
  committed: string | null;
  composed: string;
}

const excerptLines = 20;
const advice = "npm run schema -- compose";

/** Finds the committed files that are not what the subgraphs compose to. Line ends do not count. */
export function compareOutput(outputs: Output[]): Finding[] {
  return outputs.flatMap(({ file, committed, composed }): Finding[] => {
    if (committed === null) {
      const message = `${file} is not there.`;
      return [{ severity: "error", code: "OUTPUT_MISSING", message, places: [{ file }], advice }];
    }
    const lines = diffLines(normalise(committed), composed);
    const first = lines.find((line) => line.line !== undefined);
    if (first === undefined) return [];
    const excerpt = lines.slice(0, excerptLines).map(({ text }) => text);
    if (lines.length > excerptLines) excerpt.push(`... ${lines.length - excerptLines} more lines`);
    return [
      {
        severity: "error",
        code: "OUTPUT_OUT_OF_DATE",
        message: `${file} is not what the subgraphs compose to.`,
        places: [{ file, line: first.line ?? 1 }],
        excerpt,
        advice,
      },
    ];
  });
}

/** Git may have checked the file out with CRLF; an editor may have put a byte order mark in front. */
function normalise(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}

/** A unified diff of two texts, a line each; lines that changed have the line of `before` that they stand at. */
function diffLines(before: string, after: string): { text: string; line?: number }[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 1 });
  return hunks.flatMap((hunk) => {
    let line = hunk.oldStart;
    const head = `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`;
    return [
      { text: head },
      ...hunk.lines.map((text) => {
        const entry = /^[+-]/.test(text) ? { text, line } : { text };
        if (!text.startsWith("+")) line += 1;
        return entry;
      }),
    ];
  });
}
