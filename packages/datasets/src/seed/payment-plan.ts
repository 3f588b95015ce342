import type { Country } from "./countries.ts";
import { DAY, EPOCH, HOUR } from "./order-plan.ts";
import type { Random } from "./random.ts";

/** How a payment on account went. */
export type AccountPaymentPath =
  "REQUESTED" | "AUTHORISED" | "CAPTURED" | "PARTIALLY_REFUNDED" | "REFUNDED" | "DECLINED" | "VOIDED";

/** A payment that belongs to no order, decided. Times are milliseconds since 1970. */
export interface AccountPaymentPlan {
  /** `<customer>-a<place>`: no key of an order's payment has an `a`. */
  readonly key: string;
  readonly reference: string;
  readonly path: AccountPaymentPath;
  readonly method: "CHEQUE" | "TRANSFER";
  readonly currency: string;
  readonly amountMinor: number;
  /** Less than the amount where PARTIALLY_REFUNDED. */
  readonly refundedMinor: number;
  readonly requestedAt: number;
}

const EVERY_PATH: readonly AccountPaymentPath[] = [
  "CAPTURED",
  "PARTIALLY_REFUNDED",
  "CAPTURED",
  "REFUNDED",
  "VOIDED",
  "CAPTURED",
  "DECLINED",
  "CAPTURED",
  "AUTHORISED",
  "REQUESTED",
];

export function planAccountPayments(
  random: Random,
  customer: { index: number; country: Country; registeredAt: number; sample: boolean },
): AccountPaymentPlan[] {
  const { index, country, registeredAt, sample } = customer;
  const count = sample ? EVERY_PATH.length : random.chance(0.25) ? random.int(1, 3) : 0;
  // A few pay in a currency that they do not trade in.
  const foreign = !sample && random.chance(0.05);
  const currency = foreign ? (country.currency === "USD" ? "EUR" : "USD") : country.currency;
  const span = EPOCH - 2 * DAY - registeredAt;
  const times = Array.from({ length: count }, () => registeredAt + DAY + Math.floor(random.next() * span));
  times.sort((left, right) => left - right);
  return times.map((time, place) => {
    const path = sample ? (EVERY_PATH[place] as AccountPaymentPath) : drawPath(random);
    const method = random.chance(0.5) ? "CHEQUE" : "TRANSFER";
    const amountMinor = Math.max(2, Math.round(random.int(50_00, 20_000_00) * country.rate));
    return {
      key: `${index}-a${place + 1}`,
      reference: `${method === "CHEQUE" ? "CH" : "TR"}${random.int(100_000, 999_999)}-${place + 1}`,
      path,
      method,
      currency,
      amountMinor,
      refundedMinor:
        path === "REFUNDED"
          ? amountMinor
          : path === "PARTIALLY_REFUNDED"
            ? Math.max(1, Math.floor(amountMinor * (0.1 + 0.6 * random.next())))
            : 0,
      // Nothing hangs about for long: what is not decided yet was asked for a short while ago.
      requestedAt: path === "REQUESTED" || path === "AUTHORISED" ? EPOCH - random.int(1, 40) * HOUR : time,
    };
  });
}

function drawPath(random: Random): AccountPaymentPath {
  const draw = random.next();
  if (draw < 0.84) return "CAPTURED";
  if (draw < 0.88) return "PARTIALLY_REFUNDED";
  if (draw < 0.91) return "REFUNDED";
  if (draw < 0.94) return "DECLINED";
  if (draw < 0.96) return "VOIDED";
  return draw < 0.98 ? "AUTHORISED" : "REQUESTED";
}
