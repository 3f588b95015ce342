import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { BrokerError, type Broker, type ConsumerLag, type Subscriptions } from "../broker.ts";
import { keepTrying } from "../keep-trying.ts";
import { declareStreams } from "./declare.ts";
import { channelOf, consumerOf } from "./layout.ts";
import { publishInOrder } from "./publish.ts";
import { purgeRegularly } from "./purge.ts";
import { parseNatsUrl } from "./servers.ts";
import { subscribeConsumer, type Connected, type ConsumerSubscription } from "./consumer-subscription.ts";

export interface NatsBrokerOptions {
  /** @see parseNatsUrl */
  readonly url: string;
  readonly subscriptions: Subscriptions;
  /** How long a message that was handed over may stay unsettled, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number;
  readonly onError: (error: Error) => void;
}

/**
 * Opens NATS JetStream as the broker: a stream for each channel, with 16 parts by the hash of the key, and a durable pull
 * consumer for each part and each consumer. Connects in the background, and again whenever the connection is lost.
 *
 * @throws BrokerError for a URL with a fault
 */
export function openNatsBroker(options: NatsBrokerOptions): Broker {
  const { url, subscriptions, deadlineMs = 10_000, onError } = options;
  const { replicas, tls, ...address } = parseNatsUrl(url);
  const closing = new AbortController();
  const active = new Set<ConsumerSubscription>();
  let connection: NatsConnection | undefined;

  async function watch(watched: NatsConnection): Promise<void> {
    for await (const { type } of watched.status()) {
      if (type === "reconnect") for (const part of active) part.reconnected();
      if (type === "disconnect") onError(new BrokerError("the connection to NATS is lost"));
    }
  }

  async function start(): Promise<Connected> {
    const first = connection === undefined;
    connection ??= await connect({
      ...address,
      ...(tls && { tls: {} }),
      name: "tributary",
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 250,
      pingInterval: 10_000,
      maxPingOut: 2,
    });
    if (first) watch(connection).catch(onError);
    const manager = await jetstreamManager(connection);
    await declareStreams(manager, { subscriptions, replicas, deadlineMs });
    return { connection, client: jetstream(connection), manager };
  }
  const started = keepTrying(start, closing.signal, onError);

  const purging = started.then(
    ({ manager }) => purgeRegularly({ manager, subscriptions, signal: closing.signal, onError }),
    () => {}, // each who waits for it is told
  );
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closing.abort(new BrokerError("the broker is closed"));
    await started.catch(() => {});
    await Promise.all([purging, ...[...active].map((part) => part.stop())]);
    // What was acknowledged goes out before the connection ends.
    await connection?.drain().catch(() => connection?.close());
  }

  return {
    async publish(messages) {
      const stranger = messages.find(({ channel }) => !subscriptions[channel]);
      if (stranger)
        throw new BrokerError(`the channel ${stranger.channel} is not declared: name its consumers`);
      await publishInOrder((await started).client, messages);
    },
    async subscribe(subscription) {
      const { channels, consumer } = subscription;
      const stranger = channels.find((channel) => !subscriptions[channel]?.includes(consumer));
      if (stranger !== undefined)
        throw new BrokerError(`${consumer} is not declared as a consumer of the channel ${stranger}`);
      const parts = channels.map((channel) =>
        subscribeConsumer({ ...subscription, started, channel, onError }),
      );
      for (const part of parts) active.add(part);
      return {
        async stop() {
          await Promise.all(parts.map((part) => part.stop()));
          for (const part of parts) active.delete(part);
        },
      };
    },
    async lag() {
      const { manager } = await started;
      const lines = new Map<string, ConsumerLag>();
      for await (const { config } of manager.streams.list()) {
        const channel = channelOf(config.subjects[0] ?? "");
        if (channel === undefined) continue;
        for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(config.name)) {
          const consumer = consumerOf(name);
          if (consumer === undefined) continue;
          const { waiting, inFlight } = lines.get(`${channel}/${consumer}`) ?? { waiting: 0, inFlight: 0 };
          lines.set(`${channel}/${consumer}`, {
            channel,
            consumer,
            waiting: waiting + num_pending,
            inFlight: inFlight + num_ack_pending,
          });
        }
      }
      return [...lines.values()];
    },
    close: () => (closed ??= close()),
  };
}
