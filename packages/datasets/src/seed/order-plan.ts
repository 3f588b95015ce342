import type { Country } from "./countries.ts";
import { priceIn, PRODUCTS } from "./products.ts";
import type { Random } from "./random.ts";

/** The moment that the generated world stands still at: nothing in it is later. */
export const EPOCH = Date.UTC(2026, 5, 30, 12);

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** How an order went: along which steps, and how far. */
export type OrderPath =
  | "PENDING"
  | "CREDIT_RESERVED"
  | "PAYMENT_AUTHORISED"
  | "CONFIRMED"
  | "FULFILLED"
  /** No credit: REJECTED at once. */
  | "REFUSED"
  /** Credit was held and the payment declined: REJECTED. */
  | "DECLINED"
  /** CANCELLED before anything was held; with credit held; with the payment authorised; with it captured. */
  | "CALLED_OFF_PENDING"
  | "CALLED_OFF_RESERVED"
  | "CALLED_OFF_AUTHORISED"
  | "CALLED_OFF_CONFIRMED";

export interface PlannedLine {
  readonly lineNumber: number;
  readonly productCode: string;
  readonly productName: string;
  quantity: number;
  readonly unitPriceMinor: number;
}

/** An order, decided: all that the three databases must agree on. Times are milliseconds since 1970. */
export interface OrderPlan {
  /** `<customer>-<place>`, such as 7-2: the second order of customer 7. */
  readonly key: string;
  path: OrderPath;
  /** Why it was refused, declined or called off. */
  reason: string;
  readonly currency: string;
  readonly lines: PlannedLine[];
  totalMinor: number;
  readonly comments: string | null;
  readonly placedAt: number;
  readonly reservedAt: number;
  readonly authorisedAt: number;
  readonly confirmedAt: number;
  readonly fulfilledAt: number;
  /** When somebody asked to call it off. */
  readonly calledOffAt: number;
  /** When it was REJECTED or CANCELLED. */
  readonly endedAt: number;
  /** How much was given back of an order that was fulfilled; less than its total. */
  refundedMinor: number;
}

const COMMENTS = [
  "Please deliver to the loading dock at the back.",
  "Customer asked for a call before delivery.",
  'Label the boxes "fragile"; the last ones were not.',
  "Partial delivery is fine.",
  "Ordered at the trade fair; terms as agreed there.",
];

const CALLED_OFF = ["ordered by mistake", "found it cheaper", "delivery takes too long"];

/** An order of some goods, placed at a time, that went along a path. */
export function planOrder(
  random: Random,
  country: Pick<Country, "currency" | "rate">,
  order: { readonly key: string; readonly path: OrderPath; readonly placedAt: number },
): OrderPlan {
  const { key, path, placedAt } = order;
  const count = 1 + Math.floor(random.next() ** 2 * 6);
  const lines: PlannedLine[] = [];
  for (let lineNumber = 1; lineNumber <= count; lineNumber++) {
    const product = random.pick(PRODUCTS);
    lines.push({
      lineNumber,
      productCode: product.code,
      productName: product.name,
      quantity: random.int(1, 40),
      unitPriceMinor: priceIn(country, product),
    });
  }
  const reservedAt = placedAt + random.int(200, 4_000);
  const authorisedAt = reservedAt + random.int(500, 6_000);
  const confirmedAt = authorisedAt + random.int(200, 3_000);
  const calledOffAt = confirmedAt + random.int(60_000, 20 * HOUR);
  const refused = path === "REFUSED" || path === "DECLINED";
  const totalMinor = totalOf(lines);
  return {
    key,
    path,
    reason: path === "DECLINED" ? "card declined" : refused ? "INSUFFICIENT_CREDIT" : random.pick(CALLED_OFF),
    currency: country.currency,
    lines,
    totalMinor,
    comments: random.chance(0.08) ? random.pick(COMMENTS) : null,
    placedAt,
    reservedAt,
    authorisedAt,
    confirmedAt,
    fulfilledAt: confirmedAt + random.int(DAY, 9 * DAY),
    calledOffAt,
    endedAt: refused ? authorisedAt + random.int(100, 2_000) : calledOffAt + random.int(500, 9_000),
    refundedMinor:
      path === "FULFILLED" && totalMinor > 100 && random.chance(0.06)
        ? Math.max(1, Math.round(totalMinor * random.next() * 0.5))
        : 0,
  };
}

export function totalOf(lines: readonly PlannedLine[]): number {
  let total = 0;
  for (const { quantity, unitPriceMinor } of lines) total += quantity * unitPriceMinor;
  return total;
}

/** Whether credit was ever held for the order. */
export function wasReserved({ path }: OrderPlan): boolean {
  return path !== "PENDING" && path !== "REFUSED" && path !== "CALLED_OFF_PENDING";
}

/** When the credit was settled or released; null where it is still held. */
export function releasedAt(order: OrderPlan): number | null {
  if (order.path === "FULFILLED") return order.fulfilledAt;
  if (order.path === "DECLINED" || order.path.startsWith("CALLED_OFF")) return order.endedAt;
  return null;
}

/** A path that an order of this age can have come along. */
export function drawPath(random: Random, age: number): OrderPath {
  const draw = random.next();
  if (draw < 0.02) return "REFUSED";
  if (draw < 0.04) return "DECLINED";
  if (age < 2 * DAY) {
    if (draw < 0.2) return "PENDING";
    if (draw < 0.4) return "CREDIT_RESERVED";
    return draw < 0.6 ? "PAYMENT_AUTHORISED" : "CONFIRMED";
  }
  if (draw < 0.05) return "CALLED_OFF_PENDING";
  if (draw < 0.06) return "CALLED_OFF_RESERVED";
  if (draw < 0.07) return "CALLED_OFF_AUTHORISED";
  if (draw < 0.09) return "CALLED_OFF_CONFIRMED";
  // Goods take up to nine days; a few orders wait for longer than that.
  if (age < 10 * DAY) return "CONFIRMED";
  return draw < 0.1 ? "CONFIRMED" : "FULFILLED";
}
