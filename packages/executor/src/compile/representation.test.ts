import type { FetchNode } from "@apollo/query-planner";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { compileRepresentation } from "./representation.ts";

const schema = buildSchema(`
  type Query { e: E }
  interface Node { id: ID }
  type E implements Node { id: ID n: Int v: V grid: [[V]] }
  type F implements Node { id: ID }
  type V { x: Int }
`);

const field = (name: string, selections?: FetchNode["requires"]) =>
  ({ kind: "Field", name, ...(selections === undefined ? {} : { selections }) }) as const;
const on = (typeCondition: string, ...selections: NonNullable<FetchNode["requires"]>) =>
  ({ kind: "InlineFragment", typeCondition, selections }) as const;

function represent(requires: FetchNode["requires"], entity: JsonObject, more: Partial<FetchNode> = {}) {
  const node = { kind: "Fetch", serviceName: "a", operation: "", ...more } as FetchNode;
  return compileRepresentation(schema, requires === undefined ? node : { ...node, requires })?.(entity);
}

const KEY = on("E", field("__typename"), field("id"), field("n"));

test.each<[JsonObject, string | null]>([
  [{ __typename: "E", id: 'a"b\u2028', n: 1.5, other: 1 }, '{"__typename":"E","id":"a\\"b\u2028","n":1.5}'],
  [{ __typename: "E", id: null, n: 0 }, '{"__typename":"E","id":null,"n":0}'],
  [{ __typename: "E", id: true, n: { any: [1] } }, '{"__typename":"E","id":true,"n":{"any":[1]}}'],
  [{ __typename: "E", id: "a", n: Number.NaN }, '{"__typename":"E","id":"a","n":null}'],
  [{ __typename: "E", id: "a" }, null],
  [{ __typename: "F", id: "a", n: 1 }, null],
  [{ id: "a", n: 1 }, null],
])("an entity with a plain key: %j", (entity, expected) => {
  expect(represent([KEY], entity)).toBe(expected);
});

test("a selection of objects keeps lists of lists, and nulls in them", () => {
  const requires = [on("E", field("__typename"), field("grid", [field("x")]))];
  const entity = { __typename: "E", grid: [[{ x: 1, y: 2 }, null], null, []] };
  expect(represent(requires, entity)).toBe('{"__typename":"E","grid":[[{"x":1},null],null,[]]}');
});

test("fragments on several types are joined where they apply", () => {
  const requires = [on("Node", field("__typename")), on("F", field("n")), on("E", field("v", [field("x")]))];
  expect(represent(requires, { __typename: "E", v: { x: 1 } })).toBe('{"__typename":"E","v":{"x":1}}');
  // Its type alone does not tell which entity it is.
  expect(represent(requires, { __typename: "E" })).toBeNull();
});

test("rewrites change what is sent and leave the entity alone", () => {
  const entity = { __typename: "E", id: "1" };
  const text = represent([on("E", field("__typename"), field("id"))], entity, {
    inputRewrites: [{ kind: "ValueSetter", path: ["... on E", "__typename"], setValueTo: "Node" }],
  });
  expect(text).toBe('{"__typename":"Node","id":"1"}');
  expect(entity.__typename).toBe("E");
});

test("a fetch that requires nothing has no representations", () => {
  expect(represent(undefined, {})).toBeUndefined();
});
