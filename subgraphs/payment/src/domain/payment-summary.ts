import { createMoney, type Money } from "./money.ts";

/** A customer's payments in one currency, counted and added up; amounts are minor units and may be beyond 2^53. */
export interface PaymentFigures {
  /** ISO 4217 code. */
  readonly currency: string;
  readonly count: number;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  /** Of payments REQUESTED or AUTHORISED. */
  readonly outstandingMinor: bigint;
  /** The id of the payment that was captured last, whatever became of it since. */
  readonly lastPaymentId: string | null;
}

/** A customer's payments in figures, in one currency. */
export interface PaymentSummary {
  readonly currency: string;
  readonly paymentCount: number;
  readonly paid: Money;
  readonly refunded: Money;
  readonly outstanding: Money;
  readonly lastPaymentId: string | null;
  readonly otherCurrencies: string[];
}

/**
 * Sums up a customer's payments in one currency. Two currencies never add up: others are named and not counted.
 *
 * @param figures at most one for each currency, in any order; none where the customer has no payments
 * @throws {MoneyError} UNSAFE_AMOUNT where a sum leaves 2^53 - 1
 */
export function summarisePayments(figures: readonly PaymentFigures[], currency: string): PaymentSummary {
  const counted = figures.find((each) => each.currency === currency);
  return {
    currency,
    paymentCount: counted?.count ?? 0,
    paid: createMoney(counted?.capturedMinor ?? 0, currency),
    refunded: createMoney(counted?.refundedMinor ?? 0, currency),
    outstanding: createMoney(counted?.outstandingMinor ?? 0, currency),
    lastPaymentId: counted?.lastPaymentId ?? null,
    otherCurrencies: figures
      .map((each) => each.currency)
      .filter((each) => each !== currency)
      .toSorted(),
  };
}
