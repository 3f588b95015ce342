import type { FetchNode, FlattenNode, QueryPlan } from "@apollo/query-planner";
import { buildSchema, OperationTypeNode } from "graphql";
import { expect, test } from "vitest";
import { checkRequirements, hasNestedRequirements } from "./nested-requirements.ts";
import { readSubgraphInputs } from "./subgraph-inputs.ts";

const supergraphSchema = supergraph(`
  type Query { one: E! any: Any } union Any = E | Box type Box { e: E! }
  type E @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
    id: ID!
    net: Int @join__field(graph: A)
    total: Int @join__field(graph: B, requires: "net")
    gross: Int @join__field(graph: A, requires: "total")
  }`);
const planned = { supergraphSchema, inputs: readSubgraphInputs(supergraphSchema) };

function supergraph(types: string) {
  return buildSchema(`
    directive @join__graph(name: String!) on ENUM_VALUE
    directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT | INTERFACE
    directive @join__field(graph: join__Graph, requires: String) repeatable on FIELD_DEFINITION
    enum join__Graph { A @join__graph(name: "a") B @join__graph(name: "b") }
    ${types}`);
}

/** A plan of one fetch from b, of entities where something is required. */
function planOf(selections: string, required?: readonly string[]): QueryPlan {
  const fields = required?.map((name) => ({ kind: "Field", name }) as const);
  const fetch: FetchNode = {
    kind: "Fetch",
    serviceName: "b",
    ...(fields && { requires: [{ kind: "InlineFragment", typeCondition: "E", selections: fields }] }),
    operation: fields
      ? `query($representations:[_Any!]!){_entities(representations:$representations){${selections}}}`
      : `{${selections}}`,
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
  };
  const node = fields ? ({ kind: "Flatten", path: ["many", "@"], node: fetch } satisfies FlattenNode) : fetch;
  return { kind: "QueryPlan", node };
}

test.each([
  ["...on E{total}", ["__typename", "id", "net"]],
  ["...on E{id}", ["__typename", "id"]],
  // What a subgraph gives itself, as with `@provides`.
  ["one{net total}", undefined],
  ["any{...on Box{e{total}}...on Box{e{net}}}", undefined],
  ["any{...on Box{total:__typename}}", undefined],
  // Of a named fragment, what is for a type that is not there.
  ["any{...on Box{...T}}} fragment T on Any{...on E{total}", undefined],
])("a fetch with what its fields need is right: %s with %j", (selections, required) => {
  expect(() => checkRequirements(planOf(selections, required), planned)).not.toThrow();
});

test.each([
  ["...on E{total}", ["__typename", "id"], "many"],
  ["...on E{...on E{sum:total}}", ["__typename", "id"], "many"],
  ["one{total}", undefined, "one"],
  ["any{...on E{total}}", undefined, "any"],
  ["any{...on Box{x:e{id ...T}}}} fragment T on E{total", undefined, "any.x"],
])(
  "a fetch without what its fields need is refused, with the place: %s with %j",
  (selections, required, place) => {
    expect(() => checkRequirements(planOf(selections, required), planned)).toThrow(
      `E.total at ${place} can't be had: "b" needs net for it, which no plan brings before.`,
    );
  },
);

test("only where a field needs one that needs others, there are nested requirements", () => {
  expect(hasNestedRequirements(planned.inputs)).toBe(true);
  const plain = supergraph(`type Query { e: E }
    type E @join__type(graph: A, key: "id") { id: ID! net: Int total: Int @join__field(graph: B, requires: "net") }`);
  expect(hasNestedRequirements(readSubgraphInputs(plain))).toBe(false);
});
