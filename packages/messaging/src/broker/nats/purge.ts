import type { JetStreamManager } from "@nats-io/jetstream";
import { systemClock } from "../../clock.ts";
import type { Subscriptions } from "../broker.ts";
import { durableName, PARTITIONS, streamName, subjectOf } from "./layout.ts";

export interface PurgeOptions {
  readonly manager: JetStreamManager;
  readonly subscriptions: Subscriptions;
  readonly signal: AbortSignal;
  readonly onError: (error: Error) => void;
}

const EVERY_MS = 60_000;

/** Makes what purges the messages that every consumer of their channel had acknowledged when it was last called. */
export function createPurge(manager: JetStreamManager, subscriptions: Subscriptions): () => Promise<void> {
  // By subject, the position up to which all had acknowledged at the last look, and the one that was purged up to.
  const floors = new Map<string, number>();
  const purged = new Map<string, number>();

  async function look(channel: string, consumers: readonly string[]): Promise<void> {
    const stream = streamName(channel);
    const acknowledged = new Map<string, number>();
    for await (const { name, ack_floor: floor } of manager.consumers.list(stream))
      acknowledged.set(name, floor.stream_seq);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const subject = subjectOf(channel, partition);
      const last = floors.get(subject) ?? 0;
      if (last > (purged.get(subject) ?? 0)) {
        await manager.streams.purge(stream, { filter: subject, seq: last + 1 });
        purged.set(subject, last);
      }
      const each = consumers.map((consumer) => acknowledged.get(durableName(consumer, partition)) ?? 0);
      floors.set(subject, Math.min(...each));
    }
  }

  // Not at once: a server that is killed comes back with acknowledgements that are seconds old, and a consumer that is to
  // hand over once more what is gone by then hands over nothing any more (nats-server 2.9).
  return async () => {
    for (const [channel, consumers] of Object.entries(subscriptions)) await look(channel, consumers);
  };
}

/** Purges about once a minute, until the signal is aborted. */
export async function purgeRegularly({
  manager,
  subscriptions,
  signal,
  onError,
}: PurgeOptions): Promise<void> {
  const purge = createPurge(manager, subscriptions);
  while (!signal.aborted) {
    await systemClock.sleep(EVERY_MS * (0.5 + systemClock.random()), signal);
    if (!signal.aborted) await purge().catch(onError);
  }
}
