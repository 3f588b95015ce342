import { expect, test } from "vitest";
import { countExceeded, endAfter, PlanBoundError } from "./plan-bound.ts";

test("what never ends is ended, and counted", () => {
  const before = countExceeded();
  const run = () => {
    for (let kept: number[] = [], next = 0; ; next = (next + 1) % 1_000) kept[next] = next;
  };
  expect(() => endAfter(50, run)).toThrow(PlanBoundError);
  expect(countExceeded()).toBe(before + 1);
});

test("what ends gives its result or its error", () => {
  const before = countExceeded();
  const error = new TypeError("wrong");
  const failing = () => {
    throw error;
  };
  expect(endAfter(10_000, () => 1)).toBe(1);
  expect(() => endAfter(10_000, failing)).toThrow(error);
  expect(countExceeded()).toBe(before);
});
