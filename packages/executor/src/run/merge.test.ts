import fc from "fast-check";
import { expect, test } from "vitest";
import { copyJson, type JsonObject } from "../json.ts";
import { mergeInto } from "./merge.ts";

const parse = (text: string) => JSON.parse(text) as JsonObject;

test.each([
  ['{"a":1}', '{"b":2}', '{"a":1,"b":2}'],
  ['{"a":{"x":1}}', '{"a":{"y":2}}', '{"a":{"x":1,"y":2}}'],
  ['{"a":{"x":1}}', '{"a":null}', '{"a":null}'],
  ['{"a":[{"x":1},null]}', '{"a":[{"y":2},{"y":3}]}', '{"a":[{"x":1,"y":2},{"y":3}]}'],
  ['{"a":[[{"x":1}]]}', '{"a":[[{"y":2}]]}', '{"a":[[{"x":1,"y":2}]]}'],
  ['{"a":[1,2]}', '{"a":[3]}', '{"a":[3]}'],
  ['{"a":"text"}', '{"a":{"x":1}}', '{"a":{"x":1}}'],
  ["{}", '{"__proto__":{"x":1},"constructor":{"y":2}}', '{"__proto__":{"x":1},"constructor":{"y":2}}'],
  ['{"__proto__":{"x":1}}', '{"__proto__":{"y":2}}', '{"__proto__":{"x":1,"y":2}}'],
])("%s and %s give %s", (target, source, expected) => {
  const merged = parse(target);
  mergeInto(merged, parse(source));
  expect(JSON.stringify(merged)).toBe(expected);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

test.each([
  ['{"__typename":"Media"}', '{"__typename":"Book"}', "Book"],
  ['{"__typename":"Book"}', '{"__typename":"Media"}', "Book"],
  ['{"__typename":"Book"}', '{"__typename":null}', "Book"],
  ['{"__typename":null}', '{"__typename":"Media"}', "Media"],
  ['{"id":"1"}', '{"__typename":"Media"}', "Media"],
])("where Media is an interface, %s and %s are of type %s, at any depth", (target, source, expected) => {
  const within = (text: string) => parse(`{"a":[[${text}]]}`);
  const [alone, merged] = [parse(target), within(target)];
  mergeInto(alone, parse(source), new Set(["Media"]));
  expect(alone.__typename).toBe(expected);
  mergeInto(merged, within(source), new Set(["Media"]));
  expect(merged).toMatchObject({ a: [[{ __typename: expected }]] });
});

test("an object merged with itself, or with a copy of itself, stays as it is", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      const target = JSON.parse(text) as JsonObject;
      mergeInto(target, target);
      mergeInto(target, copyJson(target));
      expect(JSON.stringify(target)).toBe(text);
    }),
    { seed: Number(process.env.TEST_SEED ?? 1) },
  );
});
