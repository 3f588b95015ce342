import type { FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";
import { OperationTypeNode } from "graphql";
import { expect, test } from "vitest";
import { lackingInput } from "./plan-check.ts";

/** A plan that fetches an entity in one place, and then what needs its id and its title. */
function planOf(operation: string, ...path: readonly string[]): QueryPlan {
  const fields = ["__typename", "title"].map((name) => ({ kind: "Field", name }) as const);
  const next: FetchNode = {
    kind: "Fetch",
    serviceName: "b",
    requires: [{ kind: "InlineFragment", typeCondition: "E", selections: fields }],
    operation: "{ _entities { ... on E { rated } } }",
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
  };
  const first: FetchNode = {
    kind: "Fetch",
    serviceName: "a",
    operation,
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
  };
  const nodes: PlanNode[] = [first, { kind: "Flatten", path: [...path], node: next }];
  return { kind: "QueryPlan", node: { kind: "Sequence", nodes } };
}

test.each([
  ["{ one { __typename title } }", ["one"]],
  ["{ one { ... on E { __typename title } } }", ["one"]],
  ["{ many { one { __typename title } } }", ["many", "@", "one"]],
  ["{ one { ...Part } } fragment Part on E { title }", ["one"]],
])("a plan that fetches what is needed lacks nothing: %s", (operation, path) => {
  expect(lackingInput(planOf(operation, ...path))).toBeUndefined();
});

test.each([
  ["{ one { __typename id } }", ["one"], "one.title"],
  ["query ($a: Boolean!) { one { title @include(if: $a) } }", ["one"], "one.title"],
  ["query ($a: Boolean!) { one @skip(if: $a) { title } }", ["one"], "one.title"],
  ["query ($a: Boolean!) { one { ... @skip(if: $a) { title } } }", ["one"], "one.title"],
  ["{ any { ... on Film { one { title } } one { id } } }", ["any", "one"], "any.one.title"],
])("a plan that does not, or only under a condition, lacks it: %s", (operation, path, lacking) => {
  expect(lackingInput(planOf(operation, ...path))).toBe(lacking);
});
