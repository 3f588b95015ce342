import { createRandom } from "@tributary/datasets";

/** What shares of the orders take which way; each from 0 to 1, and `cancel` and `overLimit` together at most 1. */
export interface TrafficMix {
  /** Called off by their customer, some before they are CONFIRMED and some after. */
  readonly cancel: number;
  /** For more than their customer's whole limit: the customer context refuses credit. */
  readonly overLimit: number;
  /** Invoiced; all others are paid before they are shipped. */
  readonly onAccount: number;
  /** Shipped when they are CONFIRMED, of those that are not called off. */
  readonly fulfil: number;
}

/** A product that can be ordered, with its price in minor units of USD. */
export interface PricedProduct {
  readonly code: string;
  readonly priceMinor: number;
}

/** An order that is going to be placed, and what its customer or the staff do with it afterwards. */
export interface PlannedOrder {
  /** Which of the customers, from 0. */
  readonly customer: number;
  readonly input: {
    readonly currency: "USD";
    readonly lines: readonly { readonly productCode: string; readonly quantity: number }[];
    readonly paymentTerms: "PREPAID" | "ON_ACCOUNT";
  };
  readonly followUp: "cancel" | "fulfil" | null;
  /** How long after it was placed it is called off, or after it was CONFIRMED it is shipped, in milliseconds. */
  readonly waitMs: number;
}

export interface TrafficPlan {
  /** The customers' credit limits, in minor units of USD. */
  readonly limits: readonly number[];
  /** The order of that index, from 0: the same for the same seed, whatever was planned before. */
  order(index: number): PlannedOrder;
}

/** Streams of random numbers, so that the number of customers changes no order's lines. */
const STREAM = { limits: 101, orders: 102 };
const MOST_PER_LINE = 3;

/**
 * Plans traffic from a seed.
 *
 * @param options.products at least one
 */
export function planTraffic(options: {
  readonly seed: number;
  readonly customers: number;
  readonly products: readonly PricedProduct[];
  readonly mix: TrafficMix;
}): TrafficPlan {
  const { seed, customers, products, mix } = options;
  const dearest = products.reduce((most, each) => (each.priceMinor > most.priceMinor ? each : most));
  const limits = Array.from({ length: customers }, (_, index) => {
    const random = createRandom(STREAM.limits + seed * 1_000, index);
    return Math.min(dearest.priceMinor * MOST_PER_LINE * random.int(20, 60), Number.MAX_SAFE_INTEGER);
  });
  return {
    limits,
    order(index) {
      const random = createRandom(STREAM.orders + seed * 1_000, index);
      const customer = random.int(0, customers - 1);
      const paymentTerms = random.chance(mix.onAccount) ? "ON_ACCOUNT" : "PREPAID";
      const way = random.next();
      const isCancelled = way < mix.cancel;
      const isOverLimit = !isCancelled && way < mix.cancel + mix.overLimit;
      const isFulfilled = random.chance(mix.fulfil);
      const waitMs = random.int(0, 2_000);
      const chosen = new Set(Array.from({ length: random.int(1, 3) }, () => random.pick(products)));
      const lines = isOverLimit
        ? [{ productCode: dearest.code, quantity: Math.floor(limits[customer]! / dearest.priceMinor) + 1 }]
        : [...chosen].map(({ code }) => ({ productCode: code, quantity: random.int(1, MOST_PER_LINE) }));
      const followUp = isCancelled ? "cancel" : isFulfilled && !isOverLimit ? "fulfil" : null;
      return { customer, input: { currency: "USD", lines, paymentTerms }, followUp, waitMs };
    },
  };
}
