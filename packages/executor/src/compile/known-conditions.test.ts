import type { FetchNode } from "@apollo/query-planner";
import { OperationTypeNode } from "graphql";
import { expect, test } from "vitest";
import { withKnownConditions } from "./known-conditions.ts";

function node(operation: string, ...variableUsages: string[]): FetchNode {
  return {
    kind: "Fetch",
    serviceName: "a",
    operation,
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
    variableUsages,
  };
}

test("a condition whose variable was forgotten gets its value, and others keep theirs", () => {
  const forgetful = node(
    'query($a:Boolean!){x@skip(if:$b) y@include(if:$a) z(s:"@skip(if:$b)") ...on Q@include(if:$b){w}}',
    "a",
  );
  expect(withKnownConditions(forgetful, { a: true, b: false }).operation).toBe(
    'query($a:Boolean!){x@skip(if:false)y@include(if:$a)z(s:"@skip(if:$b)")...on Q@include(if:false){w}}',
  );
});

test("an operation that declares all its variables stays as it is", () => {
  const whole = node("query($a:Boolean!){x@skip(if:$a)}", "a");
  expect(withKnownConditions(whole, { a: true })).toBe(whole);
  const none = node("{x}");
  expect(withKnownConditions(none, {})).toBe(none);
});
