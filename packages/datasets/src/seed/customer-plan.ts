import type { Country } from "./countries.ts";
import { UNITED_STATES, pickCountry } from "./countries.ts";
import type { OrderPath, OrderPlan } from "./order-plan.ts";
import { DAY, EPOCH, HOUR, drawPath, planOrder, releasedAt, totalOf, wasReserved } from "./order-plan.ts";
import type { AccountPaymentPlan } from "./payment-plan.ts";
import { planAccountPayments } from "./payment-plan.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";

/** A customer, decided: their standing, orders and payments on account. Times are milliseconds since 1970. */
export interface CustomerPlan {
  /** From 1. */
  readonly index: number;
  readonly country: Country;
  readonly status: "ACTIVE" | "SUSPENDED" | "CLOSED";
  readonly registeredAt: number;
  /** When the record last changed. */
  readonly changedAt: number;
  readonly creditLimitMinor: number;
  readonly orders: readonly OrderPlan[];
  readonly accountPayments: readonly AccountPaymentPlan[];
}

/** The customer that has something of everything: orders in every resting status, and payments of every kind. */
export const SAMPLE_CUSTOMER = 1;

const SAMPLE_PATHS: readonly OrderPath[] = [
  "CALLED_OFF_PENDING",
  "FULFILLED",
  "DECLINED",
  "FULFILLED",
  "CALLED_OFF_RESERVED",
  "FULFILLED",
  "REFUSED",
  "FULFILLED",
  "CALLED_OFF_AUTHORISED",
  "FULFILLED",
  "CALLED_OFF_CONFIRMED",
  "FULFILLED",
];
const SAMPLE_OPEN: readonly OrderPath[] = ["CONFIRMED", "PAYMENT_AUTHORISED", "CREDIT_RESERVED", "PENDING"];

/**
 * Everything about one customer that the three databases must agree on. The same for a number whatever else is
 * generated, so that each database's rows can be made by themselves.
 */
export function planCustomer(index: number): CustomerPlan {
  const random = createRandom(0x706c616e, index);
  const sample = index === SAMPLE_CUSTOMER;
  const country = sample ? UNITED_STATES : pickCountry(random);
  const registeredAt = EPOCH - (sample ? 1800 * DAY : Math.floor((0.02 + 0.98 * random.next()) * 1800) * DAY);
  const orders = sample
    ? planSampleOrders(random, registeredAt)
    : planOrders(random, { index, country, registeredAt });
  const status = sample ? "ACTIVE" : drawStatus(random, orders);
  const last = orders.at(-1);
  let changedAt = registeredAt;
  if (status === "CLOSED") changedAt = (last ? last.placedAt + 20 * DAY : registeredAt) + DAY;
  if (status === "SUSPENDED") {
    // Some tried once more.
    if (last && random.chance(0.5))
      Object.assign(last, { path: "REFUSED", reason: "CUSTOMER_SUSPENDED", refundedMinor: 0 });
    changedAt = last?.reason === "CUSTOMER_SUSPENDED" ? last.placedAt - HOUR : EPOCH - HOUR;
  }
  const creditLimitMinor = drawLimit(random, orders, country);
  outgrowLimit(orders, creditLimitMinor);
  const accountPayments = planAccountPayments(random, { index, country, registeredAt, sample });
  return { index, country, status, registeredAt, changedAt, creditLimitMinor, orders, accountPayments };
}

function planOrders(
  random: Random,
  customer: { index: number; country: Country; registeredAt: number },
): OrderPlan[] {
  const { index, country, registeredAt } = customer;
  // One in five never orders; of the others a few order very often.
  const count = random.chance(0.2) ? 0 : Math.min(80, Math.floor(1 + (random.next() ** -0.75 - 1) * 0.8));
  const span = EPOCH - HOUR - registeredAt - DAY;
  const times = Array.from({ length: count }, () => EPOCH - HOUR - Math.floor(random.next() ** 1.5 * span));
  times.sort((left, right) => left - right);
  return times.map((placedAt, place) => {
    const path = drawPath(random, EPOCH - placedAt);
    const foreign = path === "REFUSED" && random.chance(0.3);
    const terms = foreign ? otherCurrency(country) : country;
    const order = planOrder(random, terms, { key: `${index}-${place + 1}`, path, placedAt });
    if (foreign) order.reason = "CURRENCY_MISMATCH";
    return order;
  });
}

function planSampleOrders(random: Random, registeredAt: number): OrderPlan[] {
  const paths = [...SAMPLE_PATHS, ...SAMPLE_PATHS, ...SAMPLE_PATHS, ...SAMPLE_OPEN];
  const settled = paths.length - SAMPLE_OPEN.length;
  const step = (EPOCH - 30 * DAY - registeredAt) / settled;
  return paths.map((path, place) => {
    const placedAt =
      place < settled
        ? Math.floor(registeredAt + DAY + place * step + random.next() * (step - DAY))
        : EPOCH - (paths.length - place) * 5 * HOUR;
    return planOrder(random, UNITED_STATES, { key: `${SAMPLE_CUSTOMER}-${place + 1}`, path, placedAt });
  });
}

function otherCurrency(country: Country): Pick<Country, "currency" | "rate"> {
  return country.currency === "USD" ? { currency: "EUR", rate: 0.9 } : { currency: "USD", rate: 1 };
}

function drawStatus(random: Random, orders: readonly OrderPlan[]): CustomerPlan["status"] {
  const draw = random.next();
  if (draw < 0.03) return "SUSPENDED";
  // Nobody leaves with an order on its way.
  const settled =
    (orders.at(-1)?.placedAt ?? 0) < EPOCH - 30 * DAY && orders.every((order) => !isOpen(order));
  return draw < 0.05 && settled ? "CLOSED" : "ACTIVE";
}

function isOpen(order: OrderPlan): boolean {
  return ["PENDING", "CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"].includes(order.path);
}

/** A round limit that was never exceeded: at every reservation, what was held then fits in. */
function drawLimit(random: Random, orders: readonly OrderPlan[], country: Country): number {
  const moves: { at: number; change: number }[] = [];
  for (const order of orders) {
    if (!wasReserved(order)) continue;
    moves.push({ at: order.reservedAt, change: order.totalMinor });
    const until = releasedAt(order);
    if (until !== null) moves.push({ at: until, change: -order.totalMinor });
  }
  moves.sort((left, right) => left.at - right.at || left.change - right.change);
  let held = 0;
  let most = 0;
  for (const { change } of moves) most = Math.max(most, (held += change));
  if (most === 0 && random.chance(0.3)) return 0;
  const round = Math.round(1_000_00 * country.rate);
  return round * Math.ceil((most * (1 + 1.5 * random.next()) + random.int(1, 20) * round) / round);
}

/** Orders that were refused for want of credit are made large enough for that to be true. */
function outgrowLimit(orders: readonly OrderPlan[], limitMinor: number): void {
  for (const order of orders) {
    if (order.reason !== "INSUFFICIENT_CREDIT" || order.totalMinor > limitMinor) continue;
    const factor = Math.floor(limitMinor / order.totalMinor) + 1;
    for (const line of order.lines) line.quantity *= factor;
    order.totalMinor = totalOf(order.lines);
  }
}
