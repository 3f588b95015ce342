import type { QueryPlan } from "@apollo/query-planner";
import { expect, test } from "vitest";
import { lackingInput } from "./plan-check.ts";

/** A plan that fetches an entity in one place, and then what needs its id and its title. */
function planOf(operation: string, ...path: readonly string[]): QueryPlan {
  const typename = { kind: "Field", name: "__typename" };
  const requires = [
    { kind: "InlineFragment", typeCondition: "E", selections: [typename, { kind: "Field", name: "title" }] },
  ];
  const next = {
    kind: "Fetch",
    serviceName: "b",
    requires,
    operation: "{ _entities { ... on E { rated } } }",
  };
  const first = { kind: "Fetch", serviceName: "a", operation };
  const node = { kind: "Sequence", nodes: [first, { kind: "Flatten", path, node: next }] };
  return { kind: "QueryPlan", node } as unknown as QueryPlan;
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
