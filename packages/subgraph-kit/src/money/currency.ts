import { CurrencyResolver } from "graphql-scalars";

/** Codes that were read before, as they were written then; no more than there are ways to write all codes. */
const known = new Map<string, string>();

/**
 * Reads a currency code of ISO 4217, in capitals or small letters. This is the one rule of all services, for arguments,
 * inputs and loaded rows alike.
 *
 * @returns the code in capitals, as ISO 4217 and the databases write it; null where there is no such currency
 */
export function parseCurrency(text: string): string | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (!/^[A-Za-z]{3}$/.test(text)) return null;
  const currency = text.toUpperCase();
  try {
    CurrencyResolver.parseValue(currency);
  } catch {
    return null;
  }
  known.set(text, currency);
  return currency;
}

/**
 * Reads a currency code on its way into a database.
 *
 * @returns the code in capitals
 * @throws {RangeError} where there is no such currency
 */
export function requireCurrency(text: string): string {
  const currency = parseCurrency(text);
  if (currency === null) throw new RangeError(notCurrency(text));
  return currency;
}

/** What is wrong with a value that should be a currency, in words for a person. */
export function notCurrency(value: unknown): string {
  const shown = typeof value === "string" && value.length <= 40 ? JSON.stringify(value) : "the value";
  return `${shown} is no currency code of ISO 4217, such as "USD"`;
}
