/** An amount of money as the API shows it: integer minor units and an ISO 4217 code. `formatted` is resolved from them. */
export interface MoneyValue {
  amountMinor: number;
  currency: string;
}

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat("en-US", { style: "currency", currency });
    formats.set(currency, format);
  }
  return format;
}

/**
 * Turns what a database column holds into money.
 *
 * @param amountMinor minor units; beyond 2^53 - 1 either way it is refused, as a JSON number would round it
 * @param currency ISO 4217 code
 * @throws {RangeError} where the amount is not exact as a number
 */
export function toMoney(amountMinor: bigint | number, currency: string): MoneyValue {
  const amount = Number(amountMinor);
  if (!Number.isSafeInteger(amount))
    throw new RangeError(`${amountMinor} minor units of ${currency} is more than 2^53 - 1`);
  return { amountMinor: amount, currency };
}

/**
 * Writes money for people, exactly: the digits are placed as text and never pass through a float.
 *
 * @returns such as `$1,234.50`, `-€0.05` or `¥500`; digits after the point as ISO 4217 has them for the currency
 */
export function formatMoney({ amountMinor, currency }: MoneyValue): string {
  const format = formatOf(currency);
  const places = format.resolvedOptions().maximumFractionDigits ?? 2;
  const digits = Math.abs(amountMinor)
    .toString()
    .padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const text = `${amountMinor < 0 ? "-" : ""}${whole}${places > 0 ? `.${digits.slice(-places)}` : ""}`;
  return format.format(text as Intl.StringNumericLiteral);
}
