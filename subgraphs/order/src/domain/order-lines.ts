import type { Money } from "./money.ts";
import { createMoney } from "./money.ts";
import type { OrderLine } from "./order-events.ts";
import { lineTotal } from "./order-totals.ts";

/** A line with the currency of its order, which its prices are in. */
export interface PricedLine extends OrderLine {
  /** ISO 4217 code. */
  readonly currency: string;
}

/** The price of one. */
export function priceOfOne({ unitPriceMinor, currency }: PricedLine): Money {
  return createMoney(unitPriceMinor, currency);
}

/**
 * The price of all.
 *
 * @throws {MoneyError} UNSAFE_AMOUNT where it leaves 2^53 - 1
 */
export function priceOfAll(line: PricedLine): Money {
  return lineTotal(line, line.currency);
}
