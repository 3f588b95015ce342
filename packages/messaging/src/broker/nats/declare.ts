import {
  AckPolicy,
  DeliverPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from "@nats-io/jetstream";
import type { Subscriptions } from "../broker.ts";
import { durableName, PARTITIONS, streamName, subjectOf } from "./layout.ts";

const NANOS = 1_000_000;
/** Publications that are repeated within this are dropped by the server: a saving, the inbox does not rely on it. */
const DUPLICATE_WINDOW_MS = 120_000;

export interface DeclareOptions {
  readonly subscriptions: Subscriptions;
  readonly replicas: number;
  /** How long a message that was handed over may stay unsettled. */
  readonly deadlineMs: number;
}

/** Makes a stream for each channel and a durable consumer for each part of it and each consumer, where they are missing. */
export async function declareStreams(
  manager: JetStreamManager,
  { subscriptions, replicas, deadlineMs }: DeclareOptions,
): Promise<void> {
  for (const [channel, consumers] of Object.entries(subscriptions)) {
    const name = streamName(channel);
    const config = {
      name,
      subjects: [subjectOf(channel, "*")],
      // What all have acknowledged is purged by us (see purge.ts). By interest, the server would drop what comes while it
      // starts and has not read its consumers yet.
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: replicas,
      duplicate_window: DUPLICATE_WINDOW_MS * NANOS,
    } satisfies Partial<StreamConfig>;
    const existing = await manager.streams.info(name).catch(notFound);
    if (!existing) await manager.streams.add(config);
    else if (existing.config.num_replicas !== replicas) await manager.streams.update(name, config);

    const known = new Set<string>();
    for await (const { name: durable } of manager.consumers.list(name)) known.add(durable);
    const missing = consumers.flatMap((consumer) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({
        partition,
        durable: durableName(consumer, partition),
      })),
    );
    await Promise.all(
      missing
        .filter(({ durable }) => !known.has(durable))
        .map(({ partition, durable }) =>
          manager.consumers.add(name, {
            durable_name: durable,
            filter_subject: subjectOf(channel, partition),
            deliver_policy: DeliverPolicy.All,
            ack_policy: AckPolicy.Explicit,
            ack_wait: deadlineMs * NANOS,
            // One at a time, across processes: this is what keeps the order.
            max_ack_pending: 1,
            max_deliver: -1,
          }),
        ),
    );
  }
}

function notFound(error: unknown): undefined {
  if (error instanceof Error && /stream not found/i.test(error.message)) return undefined;
  throw error;
}
