import type { Money } from "./money.ts";
import { createMoney, multiplyMoney, sumMoney } from "./money.ts";
import type { OrderLine } from "./order-events.ts";

/**
 * The price of a whole line: `quantity` times `unitPriceMinor`.
 *
 * @throws {MoneyError} UNSAFE_AMOUNT where it leaves 2^53 - 1
 */
export function lineTotal(line: Pick<OrderLine, "quantity" | "unitPriceMinor">, currency: string): Money {
  return multiplyMoney(createMoney(line.unitPriceMinor, currency), line.quantity);
}

/**
 * The sum of all lines.
 *
 * @throws {MoneyError} UNSAFE_AMOUNT where it leaves 2^53 - 1
 */
export function orderTotal(
  lines: readonly Pick<OrderLine, "quantity" | "unitPriceMinor">[],
  currency: string,
): Money {
  return sumMoney(
    currency,
    lines.map((line) => lineTotal(line, currency)),
  );
}
