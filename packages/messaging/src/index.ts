/** Messages between contexts: written with the change that they tell, and handled once. It knows no domain. */
export type { Broker, ConsumerLag, OutgoingMessage, Subscriptions } from "./broker/broker.ts";
export { BrokerError } from "./broker/broker.ts";
export { openBroker, type OpenBrokerOptions } from "./broker/open-broker.ts";
export {
  countDeadLetters,
  listDeadLetters,
  requestRedrive,
  type DeadLetterFilter,
  type StoredDeadLetter,
} from "./inbox/dead-letters.ts";
export { systemClock, type Clock } from "./clock.ts";
export {
  createPostgresConsumerStore,
  cleanInbox,
  INBOX_MS,
  requestedRedrives,
} from "./inbox/postgres-store.ts";
export {
  handlersOn,
  PermanentError,
  type ConsumerStore,
  type DeadLetter,
  type MessageHandlers,
} from "./inbox/store.ts";
export {
  createEnvelope,
  parseEnvelope,
  EnvelopeError,
  type Envelope,
  type NewEnvelope,
} from "./message/envelope.ts";
export { writeMessages } from "./outbox/outbox.ts";
export { outboxStatus, type OutboxStatus } from "./outbox/outbox-status.ts";
export { notifyRelays } from "./outbox/postgres-outbox.ts";
export {
  inTransaction,
  sqlOfPg,
  sqlOfPrisma,
  transactOn,
  type SqlTransaction,
  type Transact,
} from "./postgres/transaction.ts";
export { keepStatistics } from "./postgres/table-statistics.ts";
export { StoreUnavailableError } from "./postgres/unavailable.ts";
export { startListening, type ListenerStore, type ListeningOptions } from "./worker/start-listening.ts";
export { startMessaging, type Messaging, type MessagingOptions } from "./worker/start-messaging.ts";
