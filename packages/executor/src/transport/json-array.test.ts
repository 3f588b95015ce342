import fc from "fast-check";
import { expect, test } from "vitest";
import { splitJsonArray } from "./json-array.ts";

test("the items of an array are those that JSON.parse finds", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, "\t"), (items, space) => {
      const split = splitJsonArray(JSON.stringify(items, null, space));
      expect(split?.map((item) => JSON.parse(item) as unknown)).toEqual(JSON.parse(JSON.stringify(items)));
    }),
  );
});

test("a text that is damaged is none, or has an item that is no JSON, or is JSON all the same", () => {
  const damage = fc.record({
    at: fc.nat(),
    removed: fc.nat({ max: 2 }),
    added: fc.constantFrom("", '"', "\\", "[", "]", "{", "}", ","),
  });
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), damage, (items, { at, removed, added }) => {
      const whole = JSON.stringify(items);
      const place = at % whole.length;
      const text = whole.slice(0, place) + added + whole.slice(place + removed);
      const parse = (): unknown => JSON.parse(text);
      let parsed: unknown;
      try {
        parsed = parse();
      } catch {
        const split = splitJsonArray(text);
        if (split === null) return;
        expect(() => split.map((item) => JSON.parse(item) as unknown)).toThrow();
        return;
      }
      const split = splitJsonArray(text);
      if (!Array.isArray(parsed)) expect(split).toBeNull();
      else expect(split?.map((item) => JSON.parse(item) as unknown)).toEqual(parsed);
    }),
  );
});

test.each(["", "{}", "[", "]", '["]', '["a\\"]', "null", "[1,2"])("%s is no array", (text) => {
  expect(splitJsonArray(text)).toBeNull();
});
