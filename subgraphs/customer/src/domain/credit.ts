import type { Money } from "./money.ts";

/** Where a customer stands with us. */
export interface Credit {
  /** The sum of the reservations that are HELD. */
  readonly held: Money;
  /** What is left of the limit; below zero where it was lowered since. */
  readonly available: Money;
}

/** Credit is held in another currency than the limit's: two currencies never add up. */
export class HeldCurrencyError extends Error {
  override readonly name = "HeldCurrencyError";
  readonly expected: string;
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`Credit is held in ${actual}, and the limit is in ${expected}.`);
    this.expected = expected;
    this.actual = actual;
  }
}

/**
 * Weighs what is held against the limit.
 *
 * @param held the sum for each currency in which something is held; empty where nothing is
 * @throws {HeldCurrencyError} where something is held in another currency than the limit's
 */
export function creditOf(limit: Money, held: readonly Money[]): Credit {
  const { currency } = limit;
  const foreign = held.find((sum) => sum.currency !== currency);
  if (foreign) throw new HeldCurrencyError(currency, foreign.currency);
  const amountMinor = held[0]?.amountMinor ?? 0;
  return {
    held: { amountMinor, currency },
    available: { amountMinor: limit.amountMinor - amountMinor, currency },
  };
}
