import type { ConsumerLag, Envelope } from "@tributary/messaging";

/** Knows up to which moment the view has what was published. */
export interface Watermark {
  /** Notes messages whose effects were committed. */
  handled(envelopes: readonly Envelope[]): void;
  /** Notes how far the view is behind, as the broker told it when it was asked at a moment (milliseconds since 1970). */
  observed(lag: readonly ConsumerLag[], askedAt: number): void;
  /** Notes whether the view has all that there was before the first event. */
  whole(isWhole: boolean): void;
  /** A moment before which everything that was published is in the view; null where it is not known. */
  asOf(): Date | null;
}

/** How old a broker's figures may be. */
const FIGURES_MS = 5_000;

/** The channel that tells of each kind of aggregate. */
const CHANNEL_OF: Readonly<Record<string, string>> = {
  customer: "customer.events",
  "credit-reservation": "customer.events",
  order: "order.events",
  payment: "payment.events",
};
const CHANNELS = [...new Set(Object.values(CHANNEL_OF))];

/**
 * Makes a watermark. A channel's mark is the time of the oldest event of the last batch, or, where nothing waits, the
 * moment of that observation less what the figures may be old; it never falls. The view's is the least of them.
 */
export function createWatermark(): Watermark {
  const marks = new Map<string, number>();
  let isWhole = false;
  const raise = (channel: string, mark: number): void =>
    void marks.set(channel, Math.max(mark, marks.get(channel) ?? -Infinity));

  return {
    handled(envelopes) {
      const oldest = new Map<string, number>();
      for (const { aggregateType, occurredAt } of envelopes) {
        const channel = CHANNEL_OF[aggregateType];
        if (channel === undefined) continue;
        oldest.set(channel, Math.min(Date.parse(occurredAt), oldest.get(channel) ?? Infinity));
      }
      for (const [channel, mark] of oldest) raise(channel, mark);
    },
    observed(lag, askedAt) {
      for (const { channel, waiting, inFlight } of lag)
        if (CHANNELS.includes(channel) && waiting + inFlight === 0) raise(channel, askedAt - FIGURES_MS);
    },
    whole(value) {
      isWhole = value;
    },
    asOf() {
      if (!isWhole || CHANNELS.some((channel) => !marks.has(channel))) return null;
      return new Date(Math.min(...CHANNELS.map((channel) => marks.get(channel) ?? 0)));
    },
  };
}
