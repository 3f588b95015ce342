import { runInNewContext } from "node:vm";
import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { buildSchema, OperationTypeNode } from "graphql";
import { expect, test } from "vitest";
import { withNeededInputs } from "./needed-inputs.ts";

const supergraphSchema = buildSchema(`
  directive @join__graph(name: String!) on ENUM_VALUE
  directive @join__type(graph: join__Graph!, key: String) repeatable on OBJECT | INTERFACE
  directive @join__field(graph: join__Graph, requires: String) repeatable on FIELD_DEFINITION
  enum join__Graph { A @join__graph(name: "a") B @join__graph(name: "b") }
  type Query { one: E }
  type E @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
    id: ID!
    size: Int @join__field(graph: A)
    weight: Int @join__field(graph: A)
    label: String @join__field(graph: B)
    price: Int @join__field(graph: B, requires: "size weight id")
    rate: Int @join__field(graph: B, requires: "size")
    at: Point @join__field(graph: A)
    row: Int @join__field(graph: B, requires: "at { y }")
    cell: Int @join__field(graph: B, requires: "at { x y }")
  }
  type Point { x: Int y: Int }
`);

/** What a fetch from b requires that asks for fields of an entity, with these values of its conditions. */
function required(fields: string, conditions: Readonly<Record<string, boolean>> = {}): string {
  return requiredOf(
    ["__typename", "id", "size", "weight"].map((name) => field(name)),
    fields,
    conditions,
  );
}

function field(name: string, selections?: QueryPlanSelectionNode[]): QueryPlanSelectionNode {
  return { kind: "Field", name, ...(selections === undefined ? {} : { selections }) };
}

function requiredOf(
  selections: QueryPlanSelectionNode[],
  fields: string,
  conditions: Readonly<Record<string, boolean>>,
): string {
  const node: FetchNode = {
    kind: "Fetch",
    serviceName: "b",
    requires: [{ kind: "InlineFragment", typeCondition: "E", selections }],
    operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on E{${fields}}}} ${FRAGMENTS}`,
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
  };
  const [fragment] = withNeededInputs(node, { supergraphSchema, conditions }).requires ?? [];
  if (fragment?.kind !== "InlineFragment") throw new Error("Nothing is required.");
  return textOf(fragment.selections);
}

function textOf(selections: readonly QueryPlanSelectionNode[]): string {
  return selections
    .map(
      (each) =>
        (each.kind === "Field" ? each.name : "...") +
        (each.selections ? ` { ${textOf(each.selections)} }` : ""),
    )
    .join(" ");
}

const NESTED = Array.from({ length: 40 }, (_, i) => `fragment F${i} on E { ...F${i + 1} ...F${i + 1} }`);
const FRAGMENTS = `fragment Priced on E { price } ${NESTED.join(" ")} fragment F40 on E { label }`;

test.each([
  ["label price", {}, "__typename id size weight"],
  ["label price @include(if: $a)", { a: true }, "__typename id size weight"],
  ["label price @include(if: $a)", { a: false }, "__typename id"],
  ["label price @skip(if: $a)", { a: true }, "__typename id"],
  ["label ... @skip(if: $a) { price }", { a: true }, "__typename id"],
  ["label ...Priced @skip(if: $a)", { a: true }, "__typename id"],
  ["...F0 price @skip(if: $a)", { a: true }, "__typename id"],
])("what is skipped needs nothing: %s with %j", (fields, conditions, expected) => {
  // What would go on for ever, through nested fragments, is ended: nothing else does that while it runs.
  const run = () => required(fields, conditions);
  expect(runInNewContext("run()", { run }, { timeout: 10_000 })).toBe(expected);
});

test("what is needed by others as well remains", () => {
  expect(required("rate price @include(if: $a)", { a: false })).toBe("__typename id size");
  expect(required("price ... @include(if: $a) { price }", { a: false })).toBe("__typename id size weight");
});

test("a fetch of which nothing is left remains as it is", () => {
  expect(required("price @include(if: $a)", { a: false })).toBe("__typename id size weight");
});

test("of what is needed of a value, the part remains that others need", () => {
  const all = [field("__typename"), field("id"), field("at", [field("x"), field("y")])];
  const fields = "row ... @include(if: $a) { cell }";
  expect(requiredOf(all, fields, { a: true })).toBe("__typename id at { x y }");
  expect(requiredOf(all, fields, { a: false })).toBe("__typename id at { y }");
});
