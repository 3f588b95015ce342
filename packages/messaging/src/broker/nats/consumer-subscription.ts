import type { ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { v5 as uuidOf, validate } from "uuid";
import { systemClock } from "../../clock.ts";
import { createWaker, LINGER_MS } from "../../waker.ts";
import type { Delivery, Settlement, SubscribeOptions, Subscription } from "../broker.ts";
import { keepTrying } from "../keep-trying.ts";
import { durableName, PARTITIONS, streamName } from "./layout.ts";

/** A connection, with what is done by it. */
export interface Connected {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

export interface ConsumerSubscriptionOptions extends SubscribeOptions {
  /** Settles when there is a connection and all streams are there; rejects where there never will be. */
  readonly started: Promise<Connected>;
  readonly channel: string;
  readonly onError: (error: Error) => void;
}

export interface ConsumerSubscription extends Subscription {
  /** Told that the connection was lost and is there again. */
  reconnected(): void;
}

/** The namespace of the UUIDs that are made from a stream and a position in it; drawn once. */
const NAMESPACE = "5b1c9f5e-6f0e-4c39-9a57-0c0b7d3f4a11";

/** A delivery with the message to settle it by. */
interface NatsDelivery extends Delivery {
  readonly message: JsMsg;
}

/** Takes the messages of a channel for a consumer: of each part one, and handles together what has come. */
export function subscribeConsumer(options: ConsumerSubscriptionOptions): ConsumerSubscription {
  const { started, channel, consumer, batchSize = 100, handle, onError } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waker = createWaker(systemClock, LINGER_MS);
  const arrived: NatsDelivery[] = [];
  const parts: ConsumerMessages[] = [];

  const settlement: Settlement = {
    async ack(deliveries) {
      for (const delivery of deliveries) (delivery as NatsDelivery).message.ack();
    },
    async nack(deliveries) {
      for (const delivery of deliveries) (delivery as NatsDelivery).message.nak();
    },
    async extend(deliveries) {
      for (const delivery of deliveries) (delivery as NatsDelivery).message.working();
    },
  };

  async function open(client: JetStreamClient, partition: number): Promise<void> {
    const durable = await client.consumers.get(streamName(channel), durableName(consumer, partition));
    if (signal.aborted) return;
    parts.push(
      await durable.consume({
        // No more than one is handed over before it is settled, whatever is asked for.
        max_messages: 2,
        callback(message) {
          arrived.push(readMessage(channel, message));
          waker.wake();
        },
      }),
    );
  }

  async function openAll(): Promise<void> {
    const { client } = await started;
    await Promise.all(
      Array.from({ length: PARTITIONS }, (_, partition) =>
        keepTrying(() => open(client, partition), signal, onError),
      ),
    );
  }

  async function closeAll(): Promise<void> {
    await Promise.all(parts.splice(0).map((part) => part.close()));
  }

  /** Asks anew for messages; a server that was started again does not know what it was asked for. */
  async function renew(): Promise<void> {
    await closeAll();
    await openAll();
  }

  async function run(): Promise<void> {
    await openAll();
    while (!signal.aborted) {
      waker.clear();
      const batch = arrived.splice(0, batchSize);
      if (batch.length > 0) await handle(batch, settlement);
      else await waker.wait(60_000, signal);
    }
  }
  const running = run().catch((error: unknown) => {
    if (!signal.aborted) onError(error as Error);
  });

  let renewing: Promise<void> = Promise.resolve();
  return {
    reconnected() {
      renewing = renewing.then(renew).catch((error: unknown) => {
        if (!signal.aborted) onError(error as Error);
      });
    },
    async stop() {
      stopping.abort(new Error("the subscription is stopped"));
      await running;
      await renewing;
      if (parts.length === 0) return;
      await closeAll();
      // The server knows now that nobody is there: it sends nothing that would be missed until its deadline.
      await (await started).connection.flush();
      await settlement.nack(arrived.splice(0));
    },
  };
}

function readMessage(channel: string, message: JsMsg): NatsDelivery {
  let body: unknown;
  try {
    body = message.json();
  } catch {
    body = message.string(); // no message: the consumer says so
  }
  const given = message.headers?.get("Nats-Msg-Id") ?? "";
  // What somebody else sent gets an id that is the same each time.
  const id = validate(given) ? given : uuidOf(`${message.info.stream}:${message.seq}`, NAMESPACE);
  return { id, channel, body, deliveries: message.info.deliveryCount, message };
}
