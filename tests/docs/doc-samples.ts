import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import path from "node:path";

/** What a page shows as the output of a program. */
export interface DocSample {
  /** The page's path, from the root of the repository. */
  readonly file: string;
  /** As the comment before it says, `<!-- sample: NAME -->`; null where there is none. */
  readonly name: string | null;
  readonly text: string;
}

/** Languages in which a page shows what somebody writes, and no program. */
const written = new Set(["sh", "ts", "graphql", "yaml"]);

/** The samples of output in the README and in docs/: every fenced block that is not in a language that people write. */
export async function readDocSamples(root: string): Promise<readonly DocSample[]> {
  const files = ["README.md", ...globSync("docs/*.md", { cwd: root })];
  const pages = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(path.join(root, file), "utf8") })),
  );
  return pages.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:<!-- sample: (\S+) -->\n+)?^```(\S*)\n([^]*?)^```$/gm)]
      .filter(([, , language = ""]) => !written.has(language))
      .map(([, name = null, , sample = ""]) => ({ file, name, text: sample })),
  );
}

/** A text without what differs from run to run: numbers, and the space and rules that are as wide as they are. */
export function shapeOfText(text: string): readonly string[] {
  return text
    .trim()
    .split("\n")
    .map((line) =>
      line
        .trimEnd()
        .replaceAll(/\d[\d.,]*/g, "0")
        .replaceAll(/ {2,}/g, "  ")
        .replaceAll(/-{2,}/g, "--"),
    );
}

/** The types of a JSON value and of all that is in it; of a list, those of its first element. */
export function shapeOfJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOfJson);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOfJson(each)]));
}
