import { type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { doubledByAliases, nodesOfTwoTypes, spreadTwice } from "./nodes.fixture.ts";
import { createSelectionCounter } from "./selections.ts";

function count(text: string): number {
  const document = parse(text);
  return createSelectionCounter(document)(document.definitions[0] as OperationDefinitionNode);
}

test.each([
  ["{ a }", 1],
  ["{ a { b c } }", 3],
  ["{ a { ... on T { b } ... { c } } }", 5],
  ["{ a { ...F } b { ...F } } fragment F on T { c d }", 8],
  ["{ a { ...F ...F } } fragment F on T { c }", 3],
  ["query($x: Boolean!) { a { ...F @include(if: $x) ...F @skip(if: $x) } } fragment F on T { c }", 5],
  ["{ a { ...Missing } }", 2],
  ["{ a { ...F } } fragment F on T { a { ...F } }", 4],
])("%s selects %i", (text, selections) => {
  expect(count(text)).toBe(selections);
});

test.each([1, 4, 10])("what is written out at %i levels is what is counted", (depth) => {
  // Per level: the fields of a and b, and a spread in each; what is innermost at the end.
  expect(count(doubledByAliases(depth))).toBe(2 + 2 * 2 * (2 ** depth - 1) + 2 ** depth);
  expect(count(spreadTwice(depth))).toBe(3 + depth);
});

test("counting takes no longer than the document is long, whatever it counts", () => {
  for (const depth of [40, 100, 1_000]) {
    expect(count(doubledByAliases(depth))).toBeGreaterThan(1e12);
    expect(count(nodesOfTwoTypes(depth))).toBeGreaterThan(1e12);
    expect(count(spreadTwice(depth))).toBe(3 + depth);
  }
  expect(count(doubledByAliases(2_000))).toBe(Infinity);
});
