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

/** The types that need no approval of their own as they go, with what they follow from. */
async function implied(before: string, after: string): Promise<string[]> {
  const findings = await diffSchemas(buildSchema(before), buildSchema(after));
  return findings.flatMap(({ coordinate, causes }) =>
    causes === undefined
      ? []
      : `${coordinate}: ${causes
          .map((cause) => cause.coordinate)
          .sort()
          .join(", ")}`,
  );
}

test.each([
  ["the field that led to it", "t: T", "", ["T: Query.t"]],
  ["several fields that led to it", "t: T s: [T!]!", "", ["T: Query.s, Query.t"]],
  ["a field that gives another type now", "t: T", "t: Int", ["T: Query.t"]],
  ["an argument", "f(in: In): Int", "f: Int", ["In: Query.f(in:)"]],
  [
    "a field, with the types behind it",
    "t: Deep",
    "",
    ["Deep: Query.t", "Deeper: Query.t", "In: Query.t", "T: Query.t"],
  ],
  ["one of two unions' members", "u: U t: T", "u: U", ["T: Query.t, U"]],
  ["nothing, as its interface leads to it", "n: N", "n: N", []],
  ["nothing, as a list in place of it breaks those who have it by itself", "t: T", "t: [S]", ["T: Query.t"]],
])("a type that went with %s asks for no approval of its own", async (_, before, after, expected) => {
  const parts: Record<string, string> = {
    T: "type T { x: Int }",
    In: "input In { x: Int }",
    Deep: "type Deep { deeper(in: In): Deeper }",
    Deeper: "type Deeper { t: T }",
    N: "interface N { y: Int } type S implements N { y: Int }",
    U: "union U = S",
  };
  const { T, In, Deep, Deeper, N, U } = parts;
  const all = [T, In, Deep, Deeper, N].join(" ");
  const member = before.includes("u: U");
  const own = before.includes("n: N") ? "type O implements N { y: Int }" : "";
  const found = await implied(
    `type Query { a: Int ${before} } ${all} ${member ? "union U = S | T" : U} ${own}`,
    `type Query { a: Int ${after} } ${N} ${U}`,
  );
  // What nothing leads to is safe as it goes, and follows from nothing.
  expect(found.sort()).toEqual(expected);
});

test("the pairs are many, each with a name of its own", () => {
  expect(new Set(pairs.map(({ name }) => name)).size).toBe(pairs.length);
  expect(pairs.length).toBeGreaterThanOrEqual(120);
});

test.each(pairs)("a change has an id of its own: $name", async ({ before, after }) => {
  const findings = await diffSchemas(buildSchema(before), buildSchema(after));
  const ids = findings.filter(({ causes }) => causes === undefined).map(({ changeId }) => changeId);
  expect(ids).not.toContain(undefined);
  expect(new Set(ids).size).toBe(ids.length);
});
