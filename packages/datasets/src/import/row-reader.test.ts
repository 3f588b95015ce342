import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowReader } from "./row-reader.ts";

const seed = Number(process.env["TEST_SEED"]);
const reader = (value: string) => new RowReader([value], new Map([["it", 0]]));

function faultOf(value: string, read: (row: RowReader) => unknown): string | undefined {
  const row = reader(value);
  read(row);
  return row.faults[0];
}

describe("the values of a row", () => {
  it("reads every amount of two places exactly, up to 2^53 - 1 cents", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n + 50n }), (cents) => {
        const digits = String(cents).padStart(3, "0");
        const row = reader(`${digits.slice(0, -2)}.${digits.slice(-2)}`);
        const amount = row.amount("it", 0);
        if (cents <= 2n ** 53n - 1n) expect([BigInt(amount), row.faults]).toEqual([cents, []]);
        else expect(row.faults).toHaveLength(1);
      }),
      { seed, numRuns: 1000, examples: [[0n], [2n ** 53n - 1n], [2n ** 53n], [29n], [111n]] },
    );
  });

  it.each([
    ["5", 500],
    ["5.1", 510],
    [" 5.10 ", 510],
    ["0.07", 7],
  ])("reads %j as %d cents", (text, cents) => {
    const row = reader(text);
    expect([row.amount("it", 0), row.faults]).toEqual([cents, []]);
  });

  it.each(["1,50", "1.505", "1e3", "0x10", "+1", ".5", "5.", "NaN", "1 000", "١"])(
    "takes %j for no amount",
    (text) => {
      expect(faultOf(text, (row) => row.amount("it", 0))).toBe(
        `it ${JSON.stringify(text)} is no amount with two places`,
      );
    },
  );

  it("says what else is wrong with an amount", () => {
    expect(faultOf("-0.01", (row) => row.amount("it", 0))).toBe('it "-0.01" is negative');
    expect(faultOf("0.00", (row) => row.amount("it", 1))).toBe('it "0.00" is not above zero');
    expect(faultOf(" ", (row) => row.amount("it", 0))).toBe("it is empty");
  });

  it("knows the days that there are", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          const row = reader(day);
          expect([row.day("it"), row.faults]).toEqual([day, []]);
        },
      ),
      { seed },
    );
    for (const day of [
      "2024-02-30",
      "2023-02-29",
      "2024-13-01",
      "2024-00-10",
      "24-01-01",
      "2024-1-1",
      "2024-01-01T00:00",
      "soon",
    ]) {
      expect(faultOf(day, (row) => row.day("it"))).toBe(`it "${day}" is no day (YYYY-MM-DD)`);
    }
  });

  it("reads whole numbers that a 32-bit column holds", () => {
    expect(reader(" 42 ").integer("it", 1)).toBe(42);
    expect(faultOf("0", (row) => row.integer("it", 1))).toBe('it "0" is less than 1');
    expect(faultOf("1.5", (row) => row.integer("it", 1))).toBe('it "1.5" is no whole number');
    expect(faultOf("2147483648", (row) => row.integer("it", 1))).toBe('it "2147483648" is too large');
  });

  it("trims text but what is to be kept as it is, and knows too long from empty", () => {
    expect(reader("  Norway  ").text("it", 10)).toBe("Norway");
    expect(reader("  as is ").verbatim("it", 10)).toBe("  as is ");
    expect(reader("   ").optional("it", 10)).toBeNull();
    expect(faultOf("x".repeat(11), (row) => row.text("it", 10))).toBe("it is longer than 10 characters");
  });
});
