import { creditOf } from "./credit.ts";
import type { CustomerStatus } from "./customer.ts";
import type { Money } from "./money.ts";

/** Why no credit is held for an order. */
export type ReservationRefusal =
  "INSUFFICIENT_CREDIT" | "UNKNOWN_CUSTOMER" | "CUSTOMER_SUSPENDED" | "CURRENCY_MISMATCH" | "RELEASED";

/** As much of a customer as decides whether credit is held for them. */
export interface Borrower {
  readonly status: CustomerStatus;
  readonly creditLimit: Money;
  /** The sum that is held for their other orders, for each currency. */
  readonly held: readonly Money[];
}

/**
 * Decides whether credit is held for an order. What is held already and this together may reach the limit.
 *
 * @param borrower null where there is no such customer
 * @returns why it is refused; null where it is held
 */
export function refusalOf(borrower: Borrower | null, amount: Money): ReservationRefusal | null {
  if (borrower === null) return "UNKNOWN_CUSTOMER";
  // A customer who left for good may order no more than one who is suspended.
  if (borrower.status !== "ACTIVE") return "CUSTOMER_SUSPENDED";
  if (borrower.creditLimit.currency !== amount.currency) return "CURRENCY_MISMATCH";
  const { available } = creditOf(borrower.creditLimit, borrower.held);
  return amount.amountMinor > available.amountMinor ? "INSUFFICIENT_CREDIT" : null;
}

/** Credit that was set aside for an order, as it is stored. */
export interface ReservationRecord {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
  readonly status: "HELD" | "SETTLED" | "RELEASED";
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
