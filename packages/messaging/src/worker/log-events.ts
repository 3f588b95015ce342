import type { ConsumerEvents } from "../inbox/consumer.ts";
import type { Envelope } from "../message/envelope.ts";

/** As much of a pino logger as messaging needs. */
export interface MessagingLogger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Writes what a consumer does into the log, each line with the ids of the message and of its business transaction. */
export function logEvents(logger: MessagingLogger, consumer: string): ConsumerEvents {
  return {
    onHandled(handled, repeated) {
      for (const envelope of handled) logger.debug({ consumer, ...idsOf(envelope) }, "message handled");
      for (const envelope of repeated)
        logger.debug({ consumer, ...idsOf(envelope) }, "message came again: its effects are there");
    },
    onRetry(envelope, attempt, error) {
      logger.warn({ consumer, ...idsOf(envelope), attempt, err: error }, "message failed and is tried again");
    },
    onDeadLetter({ messageId, channel, envelope, error, attempts }) {
      const ids = typeof envelope === "object" && envelope !== null ? idsOf(envelope as Envelope) : {};
      logger.error({ consumer, channel, messageId, ...ids, attempts, error }, "message became a dead letter");
    },
    onError(error) {
      logger.warn({ consumer, err: error }, "messaging goes on after a failure");
    },
  };
}

function idsOf(envelope: Envelope): object {
  const { id, type, aggregateId, correlationId, traceparent } = envelope;
  return { messageId: id, type, aggregateId, correlationId, traceparent };
}

/** Tells each of several listeners. */
export function joinEvents(...all: readonly ConsumerEvents[]): ConsumerEvents {
  return {
    onHandled: (...told) => all.forEach((each) => each.onHandled?.(...told)),
    onRetry: (...told) => all.forEach((each) => each.onRetry?.(...told)),
    onDeadLetter: (...told) => all.forEach((each) => each.onDeadLetter?.(...told)),
    onError: (...told) => all.forEach((each) => each.onError?.(...told)),
  };
}
