import { createMoney, sumMoney, type Money } from "./money.ts";
import { ORDER_STATUSES, type OrderStatus } from "./order-status.ts";

/** A customer's orders of one status in one currency, counted and added up. */
export interface OrderFigures {
  /** ISO 4217 code. */
  readonly currency: string;
  readonly status: OrderStatus;
  readonly count: number;
  /** In minor units. */
  readonly totalMinor: number;
  readonly firstPlacedAt: Date;
  readonly lastPlacedAt: Date;
}

/** A customer's orders in figures, in one currency. */
export interface OrderSummary {
  currency: string;
  orderCount: number;
  ordered: Money;
  fulfilled: Money;
  open: Money;
  byStatus: { status: OrderStatus; count: number; total: Money }[];
  firstPlacedAt: Date | null;
  lastPlacedAt: Date | null;
  otherCurrencies: string[];
}

/** On their way to the customer. */
const OPEN: readonly OrderStatus[] = ["PENDING", "CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"];
/** What was ordered and neither refused nor called off. */
const ORDERED: readonly OrderStatus[] = [...OPEN, "FULFILLED"];

/**
 * Sums up a customer's orders in one currency. Two currencies never add up: others are named and not counted.
 *
 * @param figures at most one for each status and currency, in any order; none where the customer has no orders
 * @throws {MoneyError} UNSAFE_AMOUNT where a sum leaves 2^53 - 1
 */
export function summariseOrders(figures: readonly OrderFigures[], currency: string): OrderSummary {
  const counted = figures.filter((each) => each.currency === currency);
  const sumOf = (statuses: readonly OrderStatus[]) =>
    sumMoney(
      currency,
      counted
        .filter(({ status }) => statuses.includes(status))
        .map((each) => createMoney(each.totalMinor, currency)),
    );
  const times = (pick: "firstPlacedAt" | "lastPlacedAt") =>
    counted.map((each) => each[pick]).toSorted(byTime);
  return {
    currency,
    orderCount: counted.reduce((sum, { count }) => sum + count, 0),
    ordered: sumOf(ORDERED),
    fulfilled: sumOf(["FULFILLED"]),
    open: sumOf(OPEN),
    byStatus: counted
      .map(({ status, count, totalMinor }) => ({ status, count, total: createMoney(totalMinor, currency) }))
      .toSorted((left, right) => ORDER_STATUSES.indexOf(left.status) - ORDER_STATUSES.indexOf(right.status)),
    firstPlacedAt: times("firstPlacedAt").at(0) ?? null,
    lastPlacedAt: times("lastPlacedAt").at(-1) ?? null,
    otherCurrencies: [...new Set(figures.map((each) => each.currency))]
      .filter((each) => each !== currency)
      .toSorted(),
  };
}

function byTime(left: Date, right: Date): number {
  return left.getTime() - right.getTime();
}
