import { expect, test } from "vitest";
import { EntityTable } from "./entity-table.ts";

/** Writes a number's representation behind what is there. */
function write(bytes: Buffer, number: number): [from: number, to: number] {
  return [0, bytes.write(`{"id":"${number.toString(36).padStart(6, "0")}"}`, 0, "latin1")];
}

// So many that some of them have the same hash.
test("tells 200,000 entities of equal length apart, and finds each of them again", () => {
  const table = new EntityTable();
  const bytes = Buffer.alloc(64);
  const numbers = Array.from({ length: 200_000 }, (_, index) => index * 7919);
  table.reserve(numbers.length);
  for (const [index, number] of numbers.entries()) {
    const [from, to] = write(bytes, number);
    expect(table.find(bytes, from, to, 0)).toBe(-1);
    expect(table.add(from, to)).toBe(index);
    table.keep(bytes, to);
  }
  for (const [index, number] of numbers.entries()) {
    if (table.find(bytes, ...write(bytes, number), 0) !== index) throw new Error(`${number} is another one.`);
  }
});

test("keeps what was found before when it grows", () => {
  const table = new EntityTable();
  const bytes = Buffer.from('{"id":1}{"id":2}{"id":1}');
  table.reserve(1);
  table.find(bytes, 0, 8, 5);
  expect(table.add(0, 8)).toBe(0);
  table.keep(bytes, 8);
  table.reserve(1000);
  expect(table.find(bytes, 8, 16, 5)).toBe(-1);
  expect(table.add(8, 16)).toBe(1);
  expect(table.find(bytes, 16, 24, 5)).toBe(0);
  // What was kept is not what is in the bytes now.
  table.keep(bytes, 24);
  bytes.fill("x");
  expect(table.find(Buffer.from('{"id":2}'), 0, 8, 5)).toBe(1);
});
