import type { FetchNode } from "@apollo/query-planner";
import { Kind, OperationTypeNode, parse } from "graphql";
import { expect, test } from "vitest";
import { withDeclaredVariables } from "./declared-variables.ts";

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

const [operation] = parse("query ($a: Boolean!, $b: Boolean! = true, $n: [Int!], $c: Int) { x }").definitions;
const definitions = operation?.kind === Kind.OPERATION_DEFINITION ? operation.variableDefinitions : [];

test("a variable that was forgotten is declared and sent, and others stay", () => {
  const forgetful = node(
    'query($a:Boolean!){x@skip(if:$b) y@include(if:$a) z(s:"$c") ...on Q@include(if:$b){w(n:$n)}}',
    "a",
  );
  const { operation: text, variableUsages } = withDeclaredVariables(forgetful, definitions);
  expect(text).toBe(
    'query($a:Boolean!$b:Boolean!=true$n:[Int!]){x@skip(if:$b)y@include(if:$a)z(s:"$c")...on Q@include(if:$b){w(n:$n)}}',
  );
  expect(variableUsages).toEqual(["a", "b", "n"]);
});

test("a variable that is declared and not used is neither declared nor sent", () => {
  const careless = node(
    "query($a:Boolean!$b:Boolean!$n:[Int!]){x@skip(if:$b)...P}fragment P on Q{y}",
    "a",
    "b",
    "n",
  );
  const { operation: text, variableUsages } = withDeclaredVariables(careless, definitions);
  expect(text).toBe("query($b:Boolean!){x@skip(if:$b)...P}fragment P on Q{y}");
  expect(variableUsages).toEqual(["b"]);
});

test("an operation that declares all its variables stays as it is", () => {
  const whole = node("query($a:Boolean!){x@skip(if:$a)}", "a");
  expect(withDeclaredVariables(whole, definitions)).toBe(whole);
  const none = node('{x(s:"$b")}');
  expect(withDeclaredVariables(none, definitions)).toBe(none);
  const entities = node("query($representations:[_Any!]!){_entities(representations:$representations){x}}");
  expect(withDeclaredVariables(entities, definitions)).toBe(entities);
});
