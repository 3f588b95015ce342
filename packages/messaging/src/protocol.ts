/** The steps of the protocol with their ports: what a simulation runs over a store, a broker and a clock of its own. */
export { DEFAULT_RETRY, type RetryPolicy } from "./backoff.ts";
export type { Broker, Delivery, OutgoingMessage, Settlement } from "./broker/broker.ts";
export type { Clock } from "./clock.ts";
export {
  createConsumer,
  type Consumer,
  type ConsumerEvents,
  type ConsumerOptions,
} from "./inbox/consumer.ts";
export {
  handlersOn,
  PermanentError,
  type ConsumerStore,
  type DeadLetter,
  type MessageHandlers,
} from "./inbox/store.ts";
export type { Envelope } from "./message/envelope.ts";
export { shardOf, SHARDS } from "./outbox/outbox.ts";
export {
  createRelay,
  type OutboxRow,
  type OutboxStore,
  type Relay,
  type RelayOptions,
} from "./outbox/relay.ts";
export { createShardedOutbox } from "./outbox/sharded-outbox.ts";
export { createShardLocks, type AdvisoryLocks, type ShardLocks } from "./outbox/shard-locks.ts";
export { createPostgresConsumerStore } from "./inbox/postgres-store.ts";
export { createPostgresOutbox } from "./outbox/postgres-outbox.ts";
export { inTransaction, sqlOfPg, type SqlTransaction, type Transact } from "./postgres/transaction.ts";
export { StoreUnavailableError } from "./postgres/unavailable.ts";
