import { describe, expect, test } from "vitest";
import { UsageError } from "../../result/fault.ts";
import { context } from "../context.fixture.ts";
import { createLintStep } from "./lint.ts";
import type { LintRules } from "./linter.ts";

const rules: LintRules = {
  "naming-convention": ["error", { types: "PascalCase", FieldDefinition: "camelCase" }],
  "require-description": ["warn", { types: true }],
};
const before = `"The root" type Query { bad_one: Int good: Int }`;

async function lint(base: string, head: string, given: LintRules = rules, only?: string[]) {
  const options = { base: { a: base }, head: { a: head }, ...(only && { only }) };
  return createLintStep(given).run(context(options));
}

describe("lint", () => {
  test("finds what is new, with its place and coordinate", async () => {
    const { findings } = await lint(before, `${before}\ntype lower { worse_one: Int }`);
    expect(findings).toEqual([
      expect.objectContaining({ code: "lint/naming-convention", severity: "error", coordinate: "lower" }),
      expect.objectContaining({ code: "lint/require-description", severity: "warning", coordinate: "lower" }),
      expect.objectContaining({
        code: "lint/naming-convention",
        coordinate: "lower.worse_one",
        places: [{ subgraph: "a", file: "a.graphql", line: 3, column: 14 }],
      }),
    ]);
  });

  test("leaves alone what the base has, wherever it moved", async () => {
    const { findings } = await lint(
      before,
      `# moved\n\n\n${before.replace("bad_one: Int good", "good2: Int bad_one")}`.replace(/^# moved\n/, ""),
    );
    expect(findings).toEqual([]);
  });

  test("finds the same fault at another coordinate", async () => {
    const { findings } = await lint(before, `${before}\n"It" type Other { bad_one: Int }`);
    expect(findings.map(({ coordinate }) => coordinate)).toEqual(["Other.bad_one"]);
  });

  test("lints a subgraph that is new, and none that --subgraph leaves out", async () => {
    const added = { base: { a: before }, head: { a: before, b: `"Q" type Query { so_new: Int }` } };
    const step = createLintStep(rules);
    expect((await step.run(context(added))).findings.map(({ coordinate }) => coordinate)).toEqual([
      "Query.so_new",
    ]);
    expect((await step.run(context({ ...added, only: ["a"] }))).findings).toEqual([]);
  });

  test("counts places in files with CRLF and a byte order mark as an editor does", async () => {
    const { findings } = await lint(
      before,
      `\uFEFF# first\r\n"The root" type Query {\r\n  bad_one: Int\r\n  bad_two: Int\r\n}\r\n`,
    );
    expect(
      findings.map(({ places, coordinate }) => [coordinate, places[0]?.line, places[0]?.column]),
    ).toEqual([["Query.bad_two", 4, 3]]);
  });

  test("heeds # eslint-disable-next-line", async () => {
    const { findings } = await lint(
      before,
      `"The root" type Query {\n  good: Int\n  # eslint-disable-next-line\n  bad_two: Int\n}`,
    );
    expect(findings).toEqual([]);
  });

  test("is skipped without rules", async () => {
    expect(await lint(before, before, {})).toMatchObject({ outcome: "skipped" });
  });

  test.each([
    ["that is not there", { nonsense: "error" }, "no such rule"],
    ["that Object has", { constructor: "error" }, "no such rule"],
    ["about operations", { "no-anonymous-operations": "error" }, "about operations"],
    ["that needs the whole schema", { "no-unreachable-types": "error" }, "more than one subgraph"],
    ["with wrong options", { "naming-convention": ["error", { tyes: "PascalCase" }] }, "tyes"],
  ] as [string, LintRules, string][])("refuses a rule %s", async (_, given, text) => {
    const error = await lint(before, `${before}\nscalar A`, given).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(text);
  });
});
