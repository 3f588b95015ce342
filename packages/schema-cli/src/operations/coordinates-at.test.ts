import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import { coordinatesAt } from "./coordinates-at.ts";

const types = `
  interface Node { id: ID }
  type A implements Node { id: ID name(length: Int): String }
  type B implements Node { id: ID other: Int }
  union U = A | B
  enum E { X Y }
  input In { e: E more: Int }`;
const base = buildSchema(`type Query { a(in: In, e: E): A node: Node u: U } directive @d on FIELD ${types}`);

test.each([
  ["a field that is gone", "{ a { name } }", types.replace("name(length: Int): String", ""), "A.name"],
  [
    "of an interface, for all that it may be",
    "{ node { id } }",
    types.replaceAll("{ id: ID", "{ x: ID"),
    "B.id",
  ],
  [
    "an argument that is gone",
    "{ a { name(length: 1) } }",
    types.replace("(length: Int)", ""),
    "A.name(length:)",
  ],
  ["a member that is gone", "{ u { ... on B { other } } }", types.replace("U = A | B", "U = A"), "U"],
  ["an enum value that is gone", "{ a(e: Y) { id } }", types.replace("X Y", "X"), "E.Y"],
  [
    "a field of an input that is gone",
    "{ a(in: { more: 1 }) { id } }",
    types.replace("more: Int", ""),
    "In.more",
  ],
  [
    "a field of an input that is needed",
    "{ a(in: { e: X }) { id } }",
    types.replace("more: Int", "more: Int!"),
    "In",
  ],
  [
    "a type that is gone",
    "query ($in: In) { a(in: $in) { id } }",
    types.replaceAll(/\bIn\b/g, "Input"),
    "In",
  ],
  ["a directive that is gone", "{ a @d { id } }", types, "@d"],
])("finds %s", (_, operation, after, coordinate) => {
  const input = after.includes("input Input") ? "Input" : "In";
  const head = buildSchema(`type Query { a(in: ${input}, e: E): A node: Node u: U } ${after}`);
  const document = parse(operation);
  const nodes = new Set(validate(head, document).flatMap((error) => error.nodes ?? []));
  expect(nodes.size).toBeGreaterThan(0);
  expect([...coordinatesAt(nodes, document, base)]).toContain(coordinate);
});
