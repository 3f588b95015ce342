import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { findGaps } from "./meanwhile.ts";

const same = "same as base";

test.each([
  ["type", "type Query { a: A b: Int } type A { x: Int }", same, "type Query { b: Int }", ["A", "Query.a"]],
  ["field", "type Query { a: Int b: Int }", same, "type Query { a: Int }", ["Query.b"]],
  [
    "field that the head drops, too",
    "type Query { a: Int b: Int }",
    "type Query { a: Int }",
    "type Query { a: Int }",
    [],
  ],
  [
    "type of a field, nullable for a while",
    "type Query { a: Int! }",
    same,
    "type Query { a: Int }",
    ["Query.a"],
  ],
  [
    "type of a field, the head's already",
    "type Query { a: Int! }",
    "type Query { a: Int }",
    "type Query { a: Int }",
    [],
  ],
  ["type of a field, stricter for a while", "type Query { a: [Int] }", same, "type Query { a: [Int!]! }", []],
  ["argument", "type Query { a(x: Int): Int }", same, "type Query { a: Int }", ["Query.a(x:)"]],
  [
    "argument, required for a while",
    "type Query { a(x: Int): Int }",
    same,
    "type Query { a(x: Int!): Int }",
    ["Query.a(x:)"],
  ],
  [
    "new argument, required for a while",
    "type Query { a: Int }",
    "type Query { a(x: Int): Int }",
    "type Query { a(x: Int!): Int }",
    ["Query.a(x:)"],
  ],
  [
    "argument with a default, required for a while",
    "type Query { a(x: Int): Int }",
    same,
    "type Query { a(x: Int! = 1): Int }",
    ["Query.a(x:)"],
  ],
  [
    "argument, laxer for a while",
    "type Query { a(x: Int!): Int }",
    same,
    "type Query { a(x: Int): Int }",
    [],
  ],
  [
    "type of an argument",
    "type Query { a(x: Int): Int }",
    same,
    "type Query { a(x: String): Int }",
    ["Query.a(x:)"],
  ],
  [
    "input field",
    "type Query { a(x: I): Int } input I { p: Int q: Int }",
    same,
    "type Query { a(x: I): Int } input I { p: Int }",
    ["I.q"],
  ],
  [
    "input field, required for a while",
    "type Query { a(x: I): Int } input I { p: Int }",
    same,
    "type Query { a(x: I): Int } input I { p: Int q: Int! }",
    ["I.q"],
  ],
  ["enum value", "type Query { a: E } enum E { P Q }", same, "type Query { a: E } enum E { P }", ["E.Q"]],
  [
    "union member",
    "type Query { a: U } union U = A | B type A { x: Int } type B { x: Int }",
    same,
    "type Query { a: U } union U = A type A { x: Int } type B { x: Int }",
    ["U"],
  ],
  [
    "implementation",
    "type Query { a: I } interface I { x: Int } type A implements I { x: Int } type B implements I { x: Int }",
    same,
    "type Query { a: I } interface I { x: Int } type A implements I { x: Int } type B { x: Int }",
    ["I"],
  ],
])("a gap in between: %s", (_, base, head, between, coordinates) => {
  const gaps = findGaps({
    base: buildSchema(base),
    head: buildSchema(head === same ? base : head),
    between: buildSchema(between),
  });
  expect(gaps.map(({ coordinate }) => coordinate).sort()).toEqual(coordinates);
});
