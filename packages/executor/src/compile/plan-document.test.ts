import { runInNewContext } from "node:vm";
import { buildSchema, parse, print } from "graphql";
import { expect, test } from "vitest";
import { planDocument } from "./plan-document.ts";

const schema = buildSchema(`
  type Query { box: Box! }
  type Mutation { make(n: Int): Box! other: Int }
  type Box { size: Int price: Int box: Box! }
`);

function worded(text: string): string {
  return print(planDocument(parse(text), { schema, requiring: new Set(["price"]) })).replaceAll(/\s+/g, " ");
}

/** Fragments of which each has the next one twice: 2^40 fields in all. */
function nested(type: string, leaf: string): string {
  const inner = Array.from(
    { length: 40 },
    (_, i) => `fragment F${i} on ${type} { ...F${i + 1} ...F${i + 1} }`,
  );
  return `${inner.join("\n")}\nfragment F40 on ${type} { ${leaf} }`;
}

test("what is as the planner wants it stays the same document", () => {
  for (const text of ["{ box { size } }", "mutation { make { size } other }"]) {
    const document = parse(text);
    expect(planDocument(document, { schema, requiring: new Set() })).toBe(document);
  }
});

test("a condition of a field with @requires goes around it, and an object has something without conditions", () => {
  expect(worded("query ($a: Boolean!) { box { size price @include(if: $a) } }")).toContain(
    "{ box { size ... on Box @include(if: $a) { price } } }",
  );
  expect(worded("query ($a: Boolean!) { box { size @skip(if: $a) } }")).toContain(
    "{ box { __typename size @skip(if: $a) } }",
  );
});

test("a fragment with a condition has a type, and what is always skipped is left out", () => {
  expect(worded("query ($a: Boolean!) { box { size ... @include(if: $a) { price } } }")).toContain(
    "{ box { size ... on Box @include(if: $a) { price } } }",
  );
  expect(worded("{ box { size price @skip(if: true) ... @include(if: false) { price } } }")).toContain(
    "{ box { size } }",
  );
  expect(worded("{ box { size @skip(if: true) } }")).toContain("{ box { __typename } }");
});

test("each place of a mutation has the condition that no place before it was taken", () => {
  expect(worded("mutation ($a: Boolean!) { make @skip(if: $a) { size } make { price } }")).toContain(
    "{ make @skip(if: $a) { size price } make @include(if: $a) { price } }",
  );
  expect(
    worded(
      "mutation ($a: Boolean!, $b: Boolean!) { make @skip(if: $a) { size } make @include(if: $b) { price } }",
    ),
  ).toContain(
    "{ make @skip(if: $a) { size ... @include(if: $b) { price } } ... @include(if: $a) { make @include(if: $b) { price } } }",
  );
  expect(
    worded("mutation ($a: Boolean!) { make @skip(if: $a) { size } make @skip(if: $a) { price } }"),
  ).toContain("{ make @skip(if: $a) { size price } }");
});

test("fragments that are nested in very many ways are neither followed in all of them nor changed", () => {
  // What would go on for ever is ended, which nothing else does while it runs.
  const ended = (text: string): unknown =>
    runInNewContext("run()", { run: () => worded(text) }, { timeout: 10_000 });
  const query = `query ($a: Boolean!) { box { ...F0 } } ${nested("Box", "size @skip(if: $a)")}`;
  expect(ended(query)).toContain("box { __typename ...F0 }");
  const mutation = `mutation { ...F0 } ${nested("Mutation", "other")}`;
  expect(ended(mutation)).toContain("mutation { ...F0 }");
});
