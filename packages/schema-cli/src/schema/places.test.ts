import { describe, expect, test } from "vitest";
import type { Finding } from "../result/finding.ts";
import { context } from "../steps/context.fixture.ts";
import { diffStep } from "../steps/diff.ts";
import { authStep } from "../steps/auth.ts";
import { createLintStep } from "../steps/lint/lint.ts";
import { movedFields } from "../steps/rollout/moved-fields.ts";

const link = (...names: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(names)})\n`;
const imports = link("@key", "@shareable", "@interfaceObject", "@authenticated");

async function placesOf(base: Record<string, string>, head: Record<string, string>) {
  const { findings } = await diffStep.run(context({ base, head }));
  return findings.map(short);
}

const short = ({ code, coordinate, places }: Finding) =>
  [
    code,
    coordinate,
    ...places.map(({ subgraph, line, side }) => `${subgraph}:${line}${side === "base" ? " base" : ""}`),
  ].join(" ");

const a = "type Query {\n  a: Int\n}\n";

describe("a field of a root type with another name stood in the wrong file", () => {
  test.each([
    ["query", "Query", "a: Int"],
    ["mutation", "Mutation", "m: Int"],
  ])("for %s", async (operation, root, extra) => {
    const one = root === "Query" ? a : `${a}type ${root} {\n  ${extra}\n}\n`;
    const query = root === "Query" ? "" : "query: Query ";
    for (const schema of ["schema", "extend schema"]) {
      const start = imports.replace("\n", "");
      const roots = `${schema} { ${query}${operation}: RootQ }`;
      const two = (fields: string) =>
        `${start}\n${roots}\ntype RootQ {\n  x: Int\n${fields}}\n${query === "" ? "" : "type Query {\n  q: Int\n}\n"}`;
      expect(await placesOf({ a: one, b: two("  b: Int\n") }, { a: one, b: two("") })).toEqual([
        `FIELD_REMOVED ${root}.b b:5 base`,
      ]);
      expect(await placesOf({ a: one, b: two("") }, { a: one, b: two("  b: Int\n") })).toEqual([
        `FIELD_ADDED ${root}.b b:5`,
      ]);
      expect(
        await placesOf({ a: one, b: two("  b(y: Int): Int\n") }, { a: one, b: two("  b: Int\n") }),
      ).toEqual([`FIELD_ARGUMENT_REMOVED ${root}.b(y:) b:5 base`]);
    }
  });

  test("in what else is told of fields: auth, lint, fields that move", async () => {
    const two = (field: string, root = "RootQ") =>
      `${imports}schema { query: ${root} }\ntype ${root} {\n  ${field}\n}\n`;
    const auth = context({ base: { a, b: two("b: Int") }, head: { a, b: two("b: Int @authenticated") } });
    expect((await authStep.run(auth)).findings.map(short)).toEqual(["AUTH_TIGHTENED Query.b b:4"]);

    const lint = createLintStep({ "naming-convention": ["error", { FieldDefinition: "camelCase" }] });
    const bad = context({ base: { a, b: two("b: Int") }, head: { a, b: two("b: Int b_b: Int") } });
    expect((await lint.run(bad)).findings.map(short)).toEqual(["lint/naming-convention Query.b_b b:4"]);
    const renamed = context({ base: { a, b: two("b_b: Int") }, head: { a, b: two("b_b: Int", "Query") } });
    expect((await lint.run(renamed)).findings).toEqual([]);

    const moved = context({
      base: { a, b: two("b: Int c: Int") },
      head: { a: a.replace("a: Int", "a: Int b: Int"), b: two("c: Int") },
    });
    expect(movedFields(moved, ["a", "b"])).toEqual([{ from: "b", to: "a", coordinates: ["Query.b"] }]);
  });
});

test("a field that an implementation has of an interface object is where the interface object has it", async () => {
  const one = `${imports}type Query { m: M }\ninterface M @key(fields: "id") { id: ID! }\ntype Book implements M @key(fields: "id") { id: ID! }\n`;
  const two = (field: string) =>
    `${imports}type M @key(fields: "id") @interfaceObject {\n  id: ID!\n  x: Int\n${field}}\n`;
  expect(await placesOf({ a: one, b: two("  stars: Int\n") }, { a: one, b: two("") })).toEqual([
    "FIELD_REMOVED M.stars b:5 base",
    "FIELD_REMOVED Book.stars b:5 base",
  ]);
});
