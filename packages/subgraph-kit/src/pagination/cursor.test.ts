import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, type Ordering } from "./cursor.ts";

const seed = Number(process.env["TEST_SEED"]);
const byName: Ordering = { name: "NAME", column: "name", type: "text", direction: "ASC" };
const byAmount: Ordering = { name: "AMOUNT", column: "amount_minor", type: "bigint", direction: "DESC" };
const byTime: Ordering = { name: "PLACED_AT", column: "placed_at", type: "timestamptz", direction: "DESC" };
const id = "0190a0b0-c0d0-7e0f-8a0b-0c0d0e0f0a0b";

const refused = expect.objectContaining({ extensions: expect.objectContaining({ code: "INVALID_CURSOR" }) });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function decode(ordering: Ordering, cursor: string): unknown {
  try {
    return decodeCursor(ordering, cursor);
  } catch (error) {
    return error;
  }
}

test("every position comes back as it was", () => {
  const positions = fc.oneof(
    fc.record({
      ordering: fc.constant(byName),
      value: fc.string({ unit: "grapheme" }).filter((s) => !s.includes("\0")),
    }),
    fc.record({ ordering: fc.constant(byAmount), value: fc.maxSafeInteger().map(String) }),
    fc.record({
      ordering: fc.constant(byTime),
      value: fc
        .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
        .map((date) => date.toISOString()),
    }),
  );
  fc.assert(
    fc.property(positions, fc.uuid({ version: 7 }), ({ ordering, value }, uuid) => {
      const cursor = encodeCursor(ordering, { value, id: uuid });
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor(ordering, cursor)).toEqual({ value, id: uuid });
    }),
    { seed },
  );
});

test("no text at all makes anything but a position or INVALID_CURSOR", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(encode)), (cursor) => {
      expect([byName, byAmount, byTime].map((ordering) => decode(ordering, cursor))).toEqual([
        refused,
        refused,
        refused,
      ]);
    }),
    { seed },
  );
});

test.each([
  ["another order", { ...byName, name: "NUMBER" }],
  ["the other direction", { ...byName, direction: "DESC" as const }],
])("a cursor of %s is refused", (_what, ordering) => {
  const cursor = encodeCursor(byName, { value: "x", id });
  expect(decode(byName, cursor)).toEqual({ value: "x", id });
  expect(decode(ordering, cursor)).toEqual(refused);
});

test.each([
  ["a number that is none", byAmount, "1.5"],
  ["a number too long for a bigint", byAmount, "12345678901234567890"],
  ["SQL", byAmount, "1; DROP TABLE orders"],
  ["a moment without its zone", byTime, "2024-01-01T00:00:00.000"],
  ["a moment that is none", byTime, "2024-13-01T00:00:00.000Z"],
  ["the 30th of February", byTime, "2024-02-30T00:00:00.000Z"],
  ["a moment of the year 0", byTime, "0000-01-01T00:00:00.000Z"],
  ["a text with a NUL", byName, "\0"],
])("a cursor made by hand is refused: %s", (_what, ordering, value) => {
  expect(decode(ordering, encode([ordering.name, ordering.direction, value, id]))).toEqual(refused);
});

test.each([
  ["an id that is none", ["NAME", "ASC", "x", "1"]],
  ["no id", ["NAME", "ASC", "x"]],
  ["too much", ["NAME", "ASC", "x", id, id]],
  ["a value that is no text", ["NAME", "ASC", 1, id]],
  ["null", null],
])("a cursor made by hand is refused: %s", (_what, value) => {
  expect(decode(byName, encode(value))).toEqual(refused);
});
