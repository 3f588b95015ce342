import fc from "fast-check";
import { expect, test } from "vitest";
import { createOverrideChoice } from "./progressive-overrides.ts";

const seed = Number(process.env["TEST_SEED"]);
const of = (...labels: string[]) => labels.map((label) => ({ field: "T.f", from: "a", label }));

test("a label is on for its share of all draws, whatever others there are", () => {
  const percents = fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0.5, 12.25, 99.9)));
  fc.assert(
    fc.property(percents, fc.double({ min: 0, max: 99.999, noNaN: true }), (shares, draw) => {
      const choose = createOverrideChoice(
        of("own", ...shares.map((share) => `percent(${share})`)),
        new Set(),
      );
      const expected = new Set(shares.filter((share) => draw < share).map((share) => `percent(${share})`));
      expect(choose?.(draw)).toEqual([...expected].toSorted());
    }),
    { seed },
  );
});

test("other labels are on where they are enabled", () => {
  const choose = createOverrideChoice(of("b", "percent(10)", "a"), new Set(["a", "of another supergraph"]));
  expect([choose?.(5), choose?.(10), choose?.(99)]).toEqual([["a", "percent(10)"], ["a"], ["a"]]);
});

test("there is nothing to choose without labels", () => {
  expect(createOverrideChoice([], new Set(["a"]))).toBeNull();
});
