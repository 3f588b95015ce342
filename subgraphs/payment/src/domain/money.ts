/** An amount of money: an integer count of the currency's minor units (cents for USD), never a float. */
export interface Money {
  readonly amountMinor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

export type MoneyErrorCode = "CURRENCY_MISMATCH" | "UNSAFE_AMOUNT";

export class MoneyError extends Error {
  override readonly name = "MoneyError";
  readonly code: MoneyErrorCode;

  constructor(code: MoneyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Makes an amount of money.
 *
 * @param amountMinor minor units; an integer between -(2^53 - 1) and 2^53 - 1
 * @param currency ISO 4217 code
 * @throws {MoneyError} UNSAFE_AMOUNT where the amount is no integer that a JSON number carries exactly
 */
export function createMoney(amountMinor: number | bigint, currency: string): Money {
  const amount = Number(amountMinor);
  if (!Number.isSafeInteger(amount)) {
    throw new MoneyError("UNSAFE_AMOUNT", `${amountMinor} is no exact count of minor units of ${currency}`);
  }
  // -0 would compare and print differently from the 0 that it is.
  return { amountMinor: amount === 0 ? 0 : amount, currency };
}

/**
 * Adds two amounts of one currency.
 *
 * @throws {MoneyError} CURRENCY_MISMATCH where the currencies differ; UNSAFE_AMOUNT where the sum leaves 2^53 - 1
 */
export function addMoney(left: Money, right: Money): Money {
  needSameCurrency(left, right);
  return createMoney(left.amountMinor + right.amountMinor, left.currency);
}

/**
 * Takes an amount away from another of the same currency.
 *
 * @throws {MoneyError} as {@link addMoney}
 */
export function subtractMoney(from: Money, taken: Money): Money {
  needSameCurrency(from, taken);
  return createMoney(from.amountMinor - taken.amountMinor, from.currency);
}

/**
 * Sums amounts of one currency; nothing at all is zero of that currency.
 *
 * @throws {MoneyError} as {@link addMoney}, at the first amount that does not fit
 */
export function sumMoney(currency: string, amounts: Iterable<Money>): Money {
  let sum = createMoney(0, currency);
  for (const amount of amounts) sum = addMoney(sum, amount);
  return sum;
}

function needSameCurrency(left: Money, right: Money): void {
  if (left.currency === right.currency) return;
  throw new MoneyError(
    "CURRENCY_MISMATCH",
    `${left.currency} and ${right.currency} are not counted together`,
  );
}
