import { Variable, VariableCollector } from "@apollo/federation-internals";
import { expect, test } from "vitest";
import { collectEachValueOnce } from "./value-variables.ts";

test("the time for lists in each other doubled with each of them", () => {
  collectEachValueOnce();
  const variable = new Variable("v");
  let value: unknown = [{ in: variable }, new Variable("w")];
  for (let levels = 0; levels < 27; levels++) value = levels % 2 === 0 ? [value, null, 1] : [value, "text"];
  const collector = new VariableCollector();
  collector.collectInArguments({ value, other: variable, none: null });
  expect(collector.variables().map(({ name }) => name)).toEqual(["v", "w"]);
});
