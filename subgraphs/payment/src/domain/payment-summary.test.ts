import { expect, it } from "vitest";
import { createMoney } from "./money.ts";
import { summarisePayments, type PaymentFigures } from "./payment-summary.ts";

const figures = (currency: string, factor: number): PaymentFigures => ({
  currency,
  count: factor,
  capturedMinor: BigInt(100 * factor),
  refundedMinor: BigInt(10 * factor),
  outstandingMinor: BigInt(factor),
  lastPaymentId: `last-${currency}`,
});

it("counts one currency, and names the others in order", () => {
  expect(summarisePayments([figures("USD", 2), figures("EUR", 3), figures("CHF", 5)], "EUR")).toEqual({
    currency: "EUR",
    paymentCount: 3,
    paid: createMoney(300, "EUR"),
    refunded: createMoney(30, "EUR"),
    outstanding: createMoney(3, "EUR"),
    lastPaymentId: "last-EUR",
    otherCurrencies: ["CHF", "USD"],
  });
});

it("is all zeros in a currency without payments", () => {
  expect(summarisePayments([figures("USD", 2)], "JPY")).toEqual({
    currency: "JPY",
    paymentCount: 0,
    paid: createMoney(0, "JPY"),
    refunded: createMoney(0, "JPY"),
    outstanding: createMoney(0, "JPY"),
    lastPaymentId: null,
    otherCurrencies: ["USD"],
  });
});

it("refuses a sum that a JSON number would round", () => {
  const huge = { ...figures("USD", 1), capturedMinor: 2n ** 53n };
  expect(() => summarisePayments([huge], "USD")).toThrow(expect.objectContaining({ code: "UNSAFE_AMOUNT" }));
});
