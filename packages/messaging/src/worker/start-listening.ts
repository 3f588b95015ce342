import type { Registry } from "prom-client";
import type { Broker } from "../broker/broker.ts";
import { systemClock } from "../clock.ts";
import { createConsumer } from "../inbox/consumer.ts";
import type { ConsumerStore, DeadLetter, MessageHandlers } from "../inbox/store.ts";
import type { Envelope } from "../message/envelope.ts";
import { joinEvents, logEvents, type MessagingLogger } from "./log-events.ts";
import { createMessagingMetrics } from "./metrics.ts";

/** A consumer's store, with what the worker beside the consumer asks of it. */
export interface ListenerStore<Transaction> extends ConsumerStore<Transaction> {
  /** Reads dead letters that are to be handled again, the oldest first. */
  requestedRedrives(consumer: string, limit: number): Promise<DeadLetter[]>;
  countDeadLetters(): Promise<{ consumer: string; count: number }[]>;
  /** Deletes notes of messages that no broker hands over any more. @returns how many, at most `limit` */
  cleanInbox(consumer: string, limit: number): Promise<number>;
}

export interface ListeningOptions<Transaction> {
  readonly consumer: string;
  readonly channels: readonly string[];
  readonly handlers: MessageHandlers<Transaction>;
  readonly store: ListenerStore<Transaction>;
  readonly broker: Broker;
  readonly logger: MessagingLogger;
  /** Called after effects were committed, with the messages whose effects they are. */
  readonly onHandled?: (handled: readonly Envelope[]) => void;
  /** Where metrics are registered; none by default. */
  readonly metrics?: Registry;
}

const REDRIVE_POLL_MS = 2_000;
const CLEAN_EVERY_MS = 60_000;
const CLEAN_ROWS = 5_000;

/**
 * Starts a consumer that sends nothing, and so needs no outbox: its effects are kept in a store of any kind. Handles dead
 * letters again that are asked for, and cleans the inbox.
 */
export async function startListening<Transaction>(
  options: ListeningOptions<Transaction>,
): Promise<{ stop(): Promise<void> }> {
  const { consumer: name, channels, handlers, store, broker, logger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const onError = (error: unknown) => logger.warn({ err: error }, "messaging goes on after a failure");
  const metrics =
    options.metrics &&
    createMessagingMetrics({
      registry: options.metrics,
      broker,
      consumers: [name],
      deadLetters: () => store.countDeadLetters(),
      onError,
    });
  const consumer = createConsumer({
    consumer: name,
    handlers,
    store,
    clock: systemClock,
    events: joinEvents(
      logEvents(logger, name),
      { ...(options.onHandled && { onHandled: options.onHandled }) },
      ...(metrics ? [metrics.consumer(name)] : []),
    ),
  });
  const subscription = await broker.subscribe({ channels, consumer: name, handle: consumer.handle });

  async function every(milliseconds: number, work: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await work().catch(onError);
      await systemClock.sleep(milliseconds, signal);
    }
  }
  const loops = [
    every(REDRIVE_POLL_MS, async () => {
      for (const letter of await store.requestedRedrives(name, 100)) await consumer.redrive(letter);
    }),
    every(CLEAN_EVERY_MS, async () => {
      while (!signal.aborted && (await store.cleanInbox(name, CLEAN_ROWS)) === CLEAN_ROWS)
        await systemClock.sleep(1_000, signal);
    }),
  ];
  return {
    async stop() {
      await subscription.stop();
      await consumer.stop();
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
