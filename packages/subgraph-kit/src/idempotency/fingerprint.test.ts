import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

const seed = Number(process.env["TEST_SEED"]);

/** The same value, the keys of its objects in the other order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, turned(each)]),
  );
}

const json = () => fc.jsonValue({ stringUnit: "grapheme" });

test("the order of keys makes no difference", () => {
  expect(fingerprint({ a: 1, b: { c: [1, 2], d: null } })).toBe(
    fingerprint({ b: { d: null, c: [1, 2] }, a: 1 }),
  );
  fc.assert(
    fc.property(json(), (value) => {
      expect(fingerprint(value)).toMatch(/^[0-9a-f]{64}$/);
      expect(fingerprint(turned(value))).toBe(fingerprint(value));
    }),
    { seed },
  );
});

test("whatever is another value has another fingerprint", () => {
  fc.assert(
    fc.property(json(), json(), (a, b) => {
      // JSON writes -0 as 0.
      const same = isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
      expect(fingerprint(a) === fingerprint(b)).toBe(same);
    }),
    { seed },
  );
});

test.each([
  [{ a: 1 }, { a: "1" }],
  [{ a: null }, {}],
  [{ a: [1, 2] }, { a: [2, 1] }],
  [{ amountMinor: 9007199254740991 }, { amountMinor: 9007199254740990 }],
])("%j is not %j", (a, b) => {
  expect(fingerprint(a)).not.toBe(fingerprint(b));
});
