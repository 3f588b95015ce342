import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { diffSchemas } from "./diff.ts";

interface Pair {
  name: string;
  before: string;
  after: string;
  expected: string[];
}

const folder = path.join(import.meta.dirname, "../schema/corpus");

/** Pairs of schemas, each with what is to be found: `# name`, `- before`, `+ after`, two spaces for both, `= finding`. */
function readPairs(): Pair[] {
  return readdirSync(folder).flatMap((file) =>
    readFileSync(path.join(folder, file), "utf8")
      .split(/^# /m)
      .filter((text) => text !== "")
      .map((text): Pair => {
        const [name = "", ...lines] = text.split("\n");
        const marked = (...marks: string[]) =>
          lines.filter((line) => marks.includes(line.slice(0, 1))).map((line) => line.slice(2));
        return {
          name,
          before: marked("-", " ").join("\n"),
          after: marked("+", " ").join("\n"),
          expected: marked("=").sort(),
        };
      }),
  );
}

const pairs = readPairs();

test.each(pairs)("$name", async ({ before, after, expected }) => {
  const findings = await diffSchemas(buildSchema(before), buildSchema(after));
  expect(findings.map(({ kind, code, coordinate }) => `${kind} ${code} ${coordinate}`).sort()).toEqual(
    expected,
  );
});

test("the pairs are many, each with a name of its own", () => {
  expect(new Set(pairs.map(({ name }) => name)).size).toBe(pairs.length);
  expect(pairs.length).toBeGreaterThanOrEqual(120);
});

test.each(pairs)("a change has an id of its own: $name", async ({ before, after }) => {
  const ids = (await diffSchemas(buildSchema(before), buildSchema(after))).map(({ changeId }) => changeId);
  expect(new Set(ids).size).toBe(ids.length);
});
