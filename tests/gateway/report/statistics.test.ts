import fc from "fast-check";
import { expect, test } from "vitest";
import { median, quantile, spread } from "./statistics.ts";

test("the median has as many values below as above, whatever their order", () => {
  expect(median([3])).toBe(3);
  expect(median([10, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      const below = values.filter((value) => value < middle).length;
      const above = values.filter((value) => value > middle).length;
      expect(below).toBeLessThanOrEqual(values.length / 2);
      expect(above).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});

test("a quantile is one of the values, and the last one at the end", () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(sorted, 0.5)).toBe(51);
  expect(quantile(sorted, 0.99)).toBe(100);
  expect(quantile([7], 0.99)).toBe(7);
});

test("the spread is half of the range as a part of the median", () => {
  expect(spread([9, 10, 11])).toBeCloseTo(0.1);
  expect(spread([10, 10])).toBe(0);
});
