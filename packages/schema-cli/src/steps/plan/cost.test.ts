import { buildSchema, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { context, known } from "../context.fixture.ts";
import { costDirectives } from "./cost-directives.ts";
import { costStep } from "./cost.ts";
import { estimateCost } from "./estimate.ts";

const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", { name: "@listSize", as: "@size" }])
  directive @link(url: String, import: [Any]) on SCHEMA
  scalar Any
  directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | SCALAR
  directive @size(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
  type Query {
    a: A
    list: [A!]!
    page(first: Int = 5, last: Int): Page
    sized: [A] @size(assumedSize: 50)
    sliced(limit: Int): [A] @size(assumedSize: 50, slicingArguments: ["limit"])
    some(first: Int): Two @size(slicingArguments: ["first"], sizedFields: ["x"])
    dear: Int @cost(weight: 7)
    argued(x: Int @cost(weight: 3)): Int
    union: U
    node: I
  }
  type Mutation { change: A }
  type A implements I { id: Int a: A heavy: Heavy }
  type B implements I { id: Int b: [A] }
  interface I { id: Int }
  union U = A | B
  scalar Heavy @cost(weight: 100)
  type Page { nodes: [A] total: Int }
  type Two { x: [A] y: [A] }
`;
const schema = buildSchema(sdl, { assumeValidSDL: true });
const directives = costDirectives(parse(sdl));

test.each([
  ["{ a { id } }", 1],
  ["{ __typename a { __typename } }", 1],
  ["{ a { a { id } } }", 2],
  ["{ list { id } }", 10],
  ["{ list { a { id } } }", 20],
  ["{ page { nodes { id } } }", 6],
  ["{ page(first: 3) { total nodes { id } } }", 4],
  ["query ($n: Int = 7) { page(first: $n) { nodes { id } } }", 8],
  ["query ($n: Int) { page(first: $n) { nodes { id } } }", 11],
  ["{ page(first: 3, last: 4) { nodes { a { id } } } }", 9],
  ["{ sized { id } }", 50],
  ["{ sliced { id } }", 50],
  ["{ sliced(limit: 2) { id } }", 2],
  ["{ some(first: 2) { x { id } y { id } } }", 13],
  ["{ dear }", 7],
  ["{ argued(x: 1) }", 3],
  ["{ argued }", 0],
  ["{ a { heavy } }", 101],
  ["{ union { ... on A { a { id } } ... on B { b { id } } } }", 11],
  ["{ node { id ... on A { a { id } } } }", 2],
  ["{ a { ...F ...F } } fragment F on A { a { id } }", 2],
  ["{ a { a { id } } a { a { a { id } } } }", 3],
  ["mutation { change { id } }", 11],
  ["mutation { one: change { id } two: change { id } }", 22],
])("estimates %s at %d", (operation, cost) => {
  expect(estimateCost(known(operation), schema, directives)).toBe(cost);
});

test("an interface with many types, nested, is estimated once a level", () => {
  const types = Array.from({ length: 200 }, (_, index) => `type T${index} implements N { n: [N] }`).join(
    "\n",
  );
  const nested = buildSchema(`type Query { n: [N] } interface N { n: [N] } ${types}`);
  const operation = known(`{ n { n { n { n { n { n { __typename } } } } } } }`);
  expect(estimateCost(operation, nested, directives)).toBe(1_111_110);
});

describe("cost", () => {
  const a = (type: string) => `type Query { a: ${type} } type A { id: Int }`;
  const run = async (before: string, after: string, factor: number) =>
    costStep.run(
      context({
        base: { a: a(before) },
        head: { a: a(after) },
        operations: ["query Q { a { id } }"],
        thresholds: { plan: { fetches: 0, depth: 0, sequential: 0 }, cost: { factor } },
      }),
    );

  test("finds an operation that costs more than the factor lets it, and none at the factor", async () => {
    expect((await run("A", "[A]", 9.9)).findings).toMatchObject([
      { code: "COST_WORSE", severity: "error", message: "Q is estimated to cost 10, up from 1." },
    ]);
    expect((await run("A", "[A]", 10)).findings).toEqual([]);
    expect((await run("[A]", "A", 1)).findings).toEqual([]);
  });

  test("reads @listSize as composition passes it on", async () => {
    const listed = (size: number) =>
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{ name: "@listSize", as: "@length" }])\n type Query { a: [A] @length(assumedSize: ${size}, requireOneSlicingArgument: false) } type A { id: Int }`;
    const { findings } = await costStep.run(
      context({ base: { a: listed(3) }, head: { a: listed(30) }, operations: ["query Q { a { id } }"] }),
    );
    expect(findings).toMatchObject([{ message: "Q is estimated to cost 30, up from 3." }]);
  });

  test("is skipped where the supergraph is the same", async () => {
    expect(await run("A", "A", 1)).toMatchObject({ outcome: "skipped" });
  });
});

test.each([
  ["@cost", "@listSize", `import: ["@cost", "@listSize"]`],
  ["@weight", "@size", `import: [{ name: "@cost", as: "@weight" }, { name: "@listSize", as: "@size" }]`],
  ["@federation__cost", "@federation__listSize", `import: ["@key"]`],
  ["@fed__cost", "@fed__listSize", `as: "fed"`],
])("%s and %s are read, whatever they are called", async (cost, listSize, link) => {
  const side = (weight: number, size: number) => ({
    a: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", ${link})
      type Query { list: [A] ${listSize}(assumedSize: ${size}) }
      type A { a: Int ${cost}(weight: ${weight}) }`,
  });
  const operations = ["query List { list { a } }"];
  const { findings } = await costStep.run(context({ base: side(1, 10), head: side(2, 20), operations }));
  expect(findings).toMatchObject([{ message: "List is estimated to cost 60, up from 20." }]);
});
