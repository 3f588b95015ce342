import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MoneyError, addMoney, createMoney, multiplyMoney, sumMoney } from "./money.ts";

const seed = Number(process.env["TEST_SEED"]);
const anyAmount = fc.maxSafeInteger();

describe("money", () => {
  it("sums as whole numbers do, or refuses where the sum is no longer exact", () => {
    fc.assert(
      fc.property(fc.array(anyAmount, { maxLength: 20 }), (amounts) => {
        const partials: bigint[] = [];
        amounts.reduce((sum, amount) => {
          partials.push(sum + BigInt(amount));
          return sum + BigInt(amount);
        }, 0n);
        const exact = partials.every((sum) => sum <= 2n ** 53n - 1n && sum >= -(2n ** 53n - 1n));
        const add = () =>
          sumMoney(
            "EUR",
            amounts.map((amount) => createMoney(amount, "EUR")),
          );
        if (exact) expect(BigInt(add().amountMinor)).toBe(partials.at(-1) ?? 0n);
        else expect(add).toThrow(expect.objectContaining({ code: "UNSAFE_AMOUNT" }));
      }),
      { seed, numRuns: 500 },
    );
  });

  it("multiplies as whole numbers do, or refuses where the product is no longer exact", () => {
    fc.assert(
      fc.property(anyAmount, fc.oneof(fc.integer({ min: 0, max: 1000 }), anyAmount), (amount, count) => {
        const product = BigInt(amount) * BigInt(count);
        const exact = product <= 2n ** 53n - 1n && product >= -(2n ** 53n - 1n);
        const multiply = () => multiplyMoney(createMoney(amount, "EUR"), count);
        if (exact) expect(BigInt(multiply().amountMinor)).toBe(product);
        else expect(multiply).toThrow(expect.objectContaining({ code: "UNSAFE_AMOUNT" }));
      }),
      { seed, numRuns: 500 },
    );
  });

  it("never adds up two currencies, not even to zero", () => {
    expect(() => addMoney(createMoney(0, "USD"), createMoney(0, "EUR"))).toThrow(
      new MoneyError("CURRENCY_MISMATCH", "USD and EUR do not add up"),
    );
    expect(() => sumMoney("USD", [createMoney(1, "EUR")])).toThrow(MoneyError);
  });

  it.each([0.1, Number.NaN, Infinity, 2 ** 53])("takes no %d minor units", (amount) => {
    expect(() => createMoney(amount, "USD")).toThrow(expect.objectContaining({ code: "UNSAFE_AMOUNT" }));
  });

  it("knows one zero only", () => {
    expect(multiplyMoney(createMoney(-5, "USD"), 0)).toStrictEqual(createMoney(0, "USD"));
  });
});
