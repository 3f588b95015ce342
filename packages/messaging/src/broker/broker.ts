import type { Envelope } from "../message/envelope.ts";

/** A message on its way to a channel. Its key is its aggregate's id. */
export interface OutgoingMessage {
  /** `customer.events` */
  readonly channel: string;
  readonly envelope: Envelope;
}

/** A message as a broker hands it over; nobody has checked it yet. */
export interface Delivery {
  /** The message's id, a UUID. */
  readonly id: string;
  readonly channel: string;
  readonly body: unknown;
  /** How often it was handed over, this time included. */
  readonly deliveries: number;
}

/** Tells a broker what became of deliveries. One that is told nothing is handed over again after its deadline. */
export interface Settlement {
  /** Has them done with. */
  ack(deliveries: readonly Delivery[]): Promise<void>;
  /** Has them handed over again, to whichever process is free. */
  nack(deliveries: readonly Delivery[]): Promise<void>;
  /** Starts their deadline anew. */
  extend(deliveries: readonly Delivery[]): Promise<void>;
}

export interface SubscribeOptions {
  readonly channels: readonly string[];
  /** Each consumer gets every message; processes with the same name share them. */
  readonly consumer: string;
  /** How many messages are handed over together at most; 100 by default. */
  readonly batchSize?: number;
  /** Takes a batch. The next one comes when this settles; it must not reject. What it keeps it settles later. */
  readonly handle: (batch: readonly Delivery[], settlement: Settlement) => Promise<void>;
}

export interface Subscription {
  /** Takes no more messages, and settles when the batch that is being handled is. */
  stop(): Promise<void>;
}

/** How far a consumer is behind. */
export interface ConsumerLag {
  readonly channel: string;
  readonly consumer: string;
  /** Messages that wait to be handed over. */
  readonly waiting: number;
  /** Messages that are handed over and not settled. */
  readonly inFlight: number;
}

/**
 * Carries messages: at least once, in order for each key of a channel.
 *
 * For each consumer of a channel, messages of one key are handed over one after the other: the next one not before the
 * last one is settled, or together with it in the same batch, in order.
 */
export interface Broker {
  /** Settles when all are stored for every consumer of their channels; keeps the array's order for each key. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** @returns a line for each channel and consumer, some seconds old at most */
  lag(): Promise<ConsumerLag[]>;
  /** Stops its subscriptions, waits for what is being published, and ends its connections. */
  close(): Promise<void>;
}

/** Which consumers each channel has. All are known before the first message is published, so that none is lost. */
export type Subscriptions = Readonly<Record<string, readonly string[]>>;

/** What a broker cannot do as it is asked. The message says what to change. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";
}
