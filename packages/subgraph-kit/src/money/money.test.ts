import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatMoney, toMoney } from "./money.ts";

const seed = Number(process.env["TEST_SEED"]);
const most = Number.MAX_SAFE_INTEGER;
const money = (amountMinor: number, currency: string) => ({ amountMinor, currency });

describe("what a database holds", () => {
  test.each([0n, 1n, -1n, BigInt(most), BigInt(-most), 5])("%s is exact", (amount) => {
    expect(toMoney(amount, "USD")).toEqual(money(Number(amount), "USD"));
  });

  test.each([2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 2n ** 63n - 1n, 0.5, Number.NaN, Infinity])(
    "%s is refused, as JSON would round it",
    (amount) => {
      expect(() => toMoney(amount, "USD")).toThrow(RangeError);
    },
  );

  test("whatever is taken is the same number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (amount) => {
        const fits = amount <= BigInt(most) && amount >= BigInt(-most);
        if (fits) expect(BigInt(toMoney(amount, "EUR").amountMinor)).toBe(amount);
        else expect(() => toMoney(amount, "EUR")).toThrow(RangeError);
      }),
      { seed },
    );
  });
});

describe("as people write it", () => {
  test.each([
    [123_450, "USD", "$1,234.50"],
    [5, "USD", "$0.05"],
    [-5, "EUR", "-€0.05"],
    [0, "USD", "$0.00"],
    [500, "JPY", "¥500"],
    [0, "JPY", "¥0"],
    [-1, "JPY", "-¥1"],
    [1_234_567, "KWD", "KWD 1,234.567"],
    [7, "KWD", "KWD 0.007"],
    [most, "USD", "$90,071,992,547,409.91"],
    [-most, "USD", "-$90,071,992,547,409.91"],
    [most, "JPY", "¥9,007,199,254,740,991"],
    [most, "KWD", "KWD 9,007,199,254,740.991"],
  ])("%i of %s is %s", (amountMinor, currency, text) => {
    // Between a currency's code and its digits, Intl puts a space that does not break.
    expect(formatMoney(money(amountMinor, currency)).replaceAll("\u00a0", " ")).toBe(text);
  });

  test("every digit is there, wherever the point stands", () => {
    const places = { USD: 2, JPY: 0, KWD: 3, CLF: 4 };
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.constantFrom(...Object.entries(places)),
        (amountMinor, [currency, count]) => {
          const text = formatMoney(money(amountMinor, currency));
          const [whole = "", fraction = ""] = text.replaceAll(/[^\d.]/g, "").split(".");
          expect(fraction).toHaveLength(count);
          expect(Number(BigInt(whole + fraction))).toBe(Math.abs(amountMinor));
          expect(text.startsWith("-")).toBe(amountMinor < 0);
        },
      ),
      { seed, numRuns: 500 },
    );
  });
});
