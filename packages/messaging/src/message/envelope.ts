import { v7 as uuid } from "uuid";
import { z } from "zod";

/** A message as it is written, sent and received: what is said, about which aggregate, and what caused it. */
export interface Envelope<Data = unknown> {
  /** UUIDv7: the message's id for brokers, inboxes and dead letters. */
  readonly id: string;
  /** `CreditReserved` */
  readonly type: string;
  /** The version of the schema of this type's data, from 1. */
  readonly schemaVersion: number;
  /** `credit-reservation` */
  readonly aggregateType: string;
  /** The key: messages of one channel with the same one are handled in order. */
  readonly aggregateId: string;
  /** The aggregate's version after the change that the message tells; 0 where it tells none, as a command. */
  readonly aggregateVersion: number;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  /** The id of the business transaction. */
  readonly correlationId: string;
  /** The id of the message that caused this one; null where a request did. */
  readonly causationId: string | null;
  /** W3C Trace Context. */
  readonly traceparent: string | null;
  readonly data: Data;
}

/** What a new message is made from. */
export interface NewEnvelope<Data> {
  readonly type: string;
  /** 1 by default. */
  readonly schemaVersion?: number;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly data: Data;
  /** The message that caused it: gives causation, and correlation and trace unless they are named. */
  readonly cause?: Envelope;
  /** Needed where no message is the cause. */
  readonly correlationId?: string;
  readonly traceparent?: string | null;
  /** A new UUIDv7 by default. */
  readonly id?: string;
  /** Now by default. */
  readonly occurredAt?: Date;
}

/** Why something is no message: every fault of it. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError";
}

const text = z.string().min(1).max(255);
const Shape = z.object({
  id: z.uuid(),
  type: text,
  schemaVersion: z.int().min(1),
  aggregateType: text,
  aggregateId: text,
  aggregateVersion: z.int().min(0),
  occurredAt: z.iso.datetime(),
  correlationId: text,
  causationId: text.nullable(),
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .nullable(),
  data: z.unknown().refine((data) => data !== undefined, "is missing"),
});

/**
 * Checks that a value is a message. What a message has beyond the known fields stays.
 *
 * @returns the value itself
 * @throws EnvelopeError with every fault
 */
export function parseEnvelope(value: unknown): Envelope {
  const result = Shape.safeParse(value);
  if (result.success) return value as Envelope;
  const faults = result.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`);
  throw new EnvelopeError(`not a message: ${faults.join("; ")}`);
}

/**
 * Makes a message.
 *
 * @throws EnvelopeError where a part is missing or wrong
 */
export function createEnvelope<Data>(parts: NewEnvelope<Data>): Envelope<Data> {
  const { cause } = parts;
  const envelope = {
    id: parts.id ?? uuid(),
    type: parts.type,
    schemaVersion: parts.schemaVersion ?? 1,
    aggregateType: parts.aggregateType,
    aggregateId: parts.aggregateId,
    aggregateVersion: parts.aggregateVersion,
    occurredAt: (parts.occurredAt ?? new Date()).toISOString(),
    correlationId: parts.correlationId ?? cause?.correlationId,
    causationId: cause?.id ?? null,
    traceparent: parts.traceparent === undefined ? (cause?.traceparent ?? null) : parts.traceparent,
    data: parts.data,
  };
  return parseEnvelope(envelope) as Envelope<Data>;
}
