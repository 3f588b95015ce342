import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Broker } from "../broker/broker.ts";
import type { ConsumerEvents } from "../inbox/consumer.ts";
import type { OutboxStatus } from "../outbox/outbox-status.ts";

export interface MessagingMetricsOptions {
  readonly registry: Registry;
  readonly broker: Broker;
  readonly consumers: readonly string[];
  /** Reads what waits to be sent, where there is an outbox. */
  readonly outbox?: () => Promise<OutboxStatus>;
  readonly deadLetters: () => Promise<readonly { consumer: string; count: number }[]>;
  readonly onError: (error: unknown) => void;
}

/** What is counted while messages are handled. */
export interface MessagingMetrics {
  published(count: number): void;
  readonly consumer: (name: string) => ConsumerEvents;
}

/** From a millisecond to a minute: what is on time, and what has waited for something that was away. */
const LAG_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Registers the metrics of a context's messaging. Gauges read the database and the broker when they are asked for. */
export function createMessagingMetrics(options: MessagingMetricsOptions): MessagingMetrics {
  const { registry, broker, outbox, onError } = options;
  const registers = [registry];
  const names = new Set(options.consumers);
  const counter = (name: string, help: string, labelNames: string[] = ["consumer"]) =>
    new Counter({ name: `tributary_${name}`, help, labelNames, registers });

  /** A gauge that shows nothing, rather than what was, where it cannot be read. */
  function gauge(
    config: { name: string; help: string; labelNames?: string[] },
    read: (gauge: Gauge) => Promise<void>,
  ) {
    void new Gauge({
      labelNames: [],
      ...config,
      registers,
      async collect() {
        this.reset();
        await read(this).catch((error: unknown) => {
          this.remove();
          onError(error);
        });
      },
    });
  }
  if (outbox) {
    gauge(
      { name: "tributary_outbox_messages", help: "Messages that are committed and not published." },
      async (each) => each.set((await outbox()).waiting),
    );
    gauge(
      {
        name: "tributary_outbox_oldest_seconds",
        help: "How long the oldest unpublished message has waited.",
      },
      async (each) => each.set((await outbox()).oldestSeconds),
    );
  }
  gauge(
    { name: "tributary_dead_letters", help: "Messages that could not be handled.", labelNames: ["consumer"] },
    async (each) => {
      for (const { consumer, count } of await options.deadLetters()) each.set({ consumer }, count);
    },
  );
  gauge(
    {
      name: "tributary_consumer_lag_messages",
      help: "Messages that wait for a consumer, or are being handled.",
      labelNames: ["consumer", "channel", "state"],
    },
    async (each) => {
      for (const { consumer, channel, waiting, inFlight } of await broker.lag()) {
        if (!names.has(consumer)) continue;
        each.set({ consumer, channel, state: "waiting" }, waiting);
        each.set({ consumer, channel, state: "in_flight" }, inFlight);
      }
    },
  );

  const publishedTotal = counter("messages_published_total", "Messages handed to the broker.", []);
  const handled = counter("messages_handled_total", "Messages whose effects were committed.");
  const repeated = counter("messages_repeated_total", "Messages that came again after their effects.");
  const retries = counter("message_retries_total", "Attempts that failed and are made again.");
  const deadLetters = counter("dead_letters_total", "Messages that became dead letters.");
  const lag = new Histogram({
    name: "tributary_message_lag_seconds",
    help: "From when a message was written to when its effects were committed.",
    labelNames: ["consumer"],
    buckets: LAG_BUCKETS,
    registers,
  });

  return {
    published: (count) => publishedTotal.inc(count),
    consumer: (consumer) => ({
      onHandled(fresh, again) {
        const now = Date.now();
        handled.inc({ consumer }, fresh.length);
        if (again.length > 0) repeated.inc({ consumer }, again.length);
        for (const { occurredAt } of fresh)
          lag.observe({ consumer }, Math.max(0, now - Date.parse(occurredAt)) / 1_000);
      },
      onRetry: () => retries.inc({ consumer }),
      onDeadLetter: () => deadLetters.inc({ consumer }),
    }),
  };
}
