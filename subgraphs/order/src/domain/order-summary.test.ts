import { expect, it } from "vitest";
import { summariseOrders, type OrderFigures } from "./order-summary.ts";

const figures = (
  status: OrderFigures["status"],
  totalMinor: number,
  more: Partial<OrderFigures> = {},
): OrderFigures => ({
  currency: "USD",
  status,
  count: 1,
  totalMinor,
  firstPlacedAt: new Date("2024-01-02"),
  lastPlacedAt: new Date("2024-01-02"),
  ...more,
});
const usd = (amountMinor: number) => ({ amountMinor, currency: "USD" });

it("adds up what is open and what was shipped, and leaves out what was refused or called off", () => {
  const summary = summariseOrders(
    [
      figures("CANCELLED", 1_000_000),
      figures("CANCELLING", 100_000, { firstPlacedAt: new Date("2023-12-31") }),
      figures("REJECTING", 10_000_000),
      figures("REJECTED", 100_000_000),
      figures("FULFILLED", 10_000, { count: 3, lastPlacedAt: new Date("2024-02-01") }),
      figures("CONFIRMED", 1_000),
      figures("PAYMENT_AUTHORISED", 100),
      figures("CREDIT_RESERVED", 10),
      figures("PENDING", 1),
    ],
    "USD",
  );
  expect(summary).toMatchObject({
    orderCount: 11,
    open: usd(1_111),
    fulfilled: usd(10_000),
    ordered: usd(11_111),
    firstPlacedAt: new Date("2023-12-31"),
    lastPlacedAt: new Date("2024-02-01"),
  });
  expect(summary.byStatus.map(({ status }) => status)).toEqual([
    "PENDING",
    "CREDIT_RESERVED",
    "PAYMENT_AUTHORISED",
    "CONFIRMED",
    "FULFILLED",
    "REJECTING",
    "REJECTED",
    "CANCELLING",
    "CANCELLED",
  ]);
});

it("names other currencies once each, by name, and never adds them", () => {
  const mixed = [
    figures("PENDING", 5, { currency: "JPY", lastPlacedAt: new Date("2025-01-01") }),
    figures("PENDING", 7),
    figures("PENDING", 9, { currency: "EUR" }),
    figures("FULFILLED", 11, { currency: "JPY" }),
  ];
  expect(summariseOrders(mixed, "USD")).toMatchObject({
    orderCount: 1,
    open: usd(7),
    lastPlacedAt: new Date("2024-01-02"),
    otherCurrencies: ["EUR", "JPY"],
  });
  expect(summariseOrders(mixed, "CHF")).toMatchObject({
    orderCount: 0,
    byStatus: [],
    otherCurrencies: ["EUR", "JPY", "USD"],
  });
});

it("refuses a sum that a JSON number would round", () => {
  const half = 2 ** 52;
  expect(() => summariseOrders([figures("PENDING", half), figures("CONFIRMED", half)], "USD")).toThrow(
    expect.objectContaining({ code: "UNSAFE_AMOUNT" }),
  );
});
