import fc from "fast-check";
import { expect, test } from "vitest";
import { compactJson } from "./compact-json.ts";

test("what fits a line stays on one", () => {
  const value = {
    id: 1,
    money: { amountMinor: 100, currency: "EUR" },
    nodes: [{ a: "x".repeat(20) }, { b: null }],
  };
  expect(compactJson(value, 55)).toEqual([
    "{",
    '  "id": 1,',
    '  "money": { "amountMinor": 100, "currency": "EUR" },',
    '  "nodes": [',
    '    { "a": "xxxxxxxxxxxxxxxxxxxx" },',
    '    { "b": null }',
    "  ]",
    "}",
  ]);
});

test("it is JSON, of the same value, at any width", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 120 }), (value, width) => {
      expect(JSON.parse(compactJson(value, width).join("\n"))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 7 },
  );
});
