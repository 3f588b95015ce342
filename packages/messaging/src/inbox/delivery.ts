import type { Delivery, Settlement } from "../broker/broker.ts";
import { parseEnvelope, type Envelope } from "../message/envelope.ts";

/** A message that is to be handled. */
export interface Work {
  readonly delivery: Delivery;
  readonly settlement: Settlement;
  readonly envelope: Envelope;
  /** What is handled in order: a channel's messages of one aggregate. */
  readonly key: string;
}

/** Reads what a broker hands over. @throws EnvelopeError where it is no message */
export function readDelivery(delivery: Delivery, settlement: Settlement): Work {
  const envelope = parseEnvelope(delivery.body);
  return { delivery, settlement, envelope, key: `${delivery.channel} ${envelope.aggregateId}` };
}

/** Deliveries that are not settled, with how to settle them. */
export interface OpenDeliveries {
  add(deliveries: readonly Delivery[], settlement: Settlement): void;
  remove(deliveries: readonly Delivery[]): void;
  readonly size: number;
  /** Calls back for each settlement with its deliveries: all, or those that were there at the last call already. */
  each(
    which: "all" | "old",
    act: (settlement: Settlement, deliveries: Delivery[]) => Promise<void>,
  ): Promise<void>;
}

export function createOpenDeliveries(): OpenDeliveries {
  const open = new Map<Delivery, { settlement: Settlement; round: number }>();
  let round = 0;
  return {
    add(deliveries, settlement) {
      for (const delivery of deliveries) open.set(delivery, { settlement, round });
    },
    remove(deliveries) {
      for (const delivery of deliveries) open.delete(delivery);
    },
    get size() {
      return open.size;
    },
    async each(which, act) {
      const groups = new Map<Settlement, Delivery[]>();
      for (const [delivery, { settlement, round: since }] of open) {
        if (which === "old" && since === round) continue;
        const group = groups.get(settlement);
        if (group) group.push(delivery);
        else groups.set(settlement, [delivery]);
      }
      round += 1;
      await Promise.all([...groups].map(([settlement, group]) => act(settlement, group)));
    },
  };
}
