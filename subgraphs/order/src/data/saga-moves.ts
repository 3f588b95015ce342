import { createEnvelope, type Clock, type OutgoingMessage } from "@tributary/messaging";
import { decide, type OrderCommand } from "../domain/order-commands.ts";
import { eventMessage, requestMessage, type OrderMessage } from "../domain/order-messages.ts";
import { advance, type OrderRow } from "../domain/order-state.ts";
import { deadlineAfter, type Saga, type SagaMove, type SagaStep } from "../domain/saga.ts";
import type { IdentifiedEvent, OrderStore, OrderWithSaga } from "./order-store.ts";

/** What a move is made with. */
export interface MoveOptions {
  readonly at: Date;
  /** Id of the message that led to it; null where a client or the clock did. */
  readonly causationId: string | null;
  /** How long the reply to a first request is waited for, in milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

/**
 * Makes one move of an order's saga: the order's events, its row, what the saga waits for now, and what other contexts
 * are told and asked, all in the given transaction.
 *
 * @param locked as it was locked in the same transaction
 * @returns the order as the move left it
 * @throws {OrderError} ILLEGAL_TRANSITION where the order's state does not allow a command; nothing is written then
 */
export async function moveSaga(
  store: OrderStore,
  { order, saga }: OrderWithSaga,
  { commands, next, ...options }: SagaMove & MoveOptions,
): Promise<OrderRow> {
  const { events, after } = applied(order, commands, options);
  const waiting = waitFor(next, saga, options);
  const left = after.at(-1) ?? order;
  await store.saveOrder({ order: left, saga: waiting }, { before: order.version, events, at: options.at });
  const messages = events.map((event, index) => ({
    ...eventMessage(event, after[index] ?? order),
    id: event.id,
    version: event.version,
  }));
  await store.send(envelopes(left, waiting, { ...options, messages, next }));
  return left;
}

function applied(
  order: OrderRow,
  commands: readonly OrderCommand[],
  { at, clock }: Pick<MoveOptions, "at" | "clock">,
): { events: IdentifiedEvent[]; after: OrderRow[] } {
  const events: IdentifiedEvent[] = [];
  const after: OrderRow[] = [];
  let row = order;
  for (const command of commands) {
    for (const event of decide(row, command, at)) {
      row = advance(row, event);
      events.push({ ...event, id: clock.id() });
      after.push(row);
    }
  }
  return { events, after };
}

/** The saga after a move: waiting for the reply to a new request, or for nothing. */
export function waitFor(
  next: SagaStep | null,
  saga: Pick<Saga, "orderId" | "step" | "attempts" | "traceparent">,
  { at, patienceMs, clock }: Pick<MoveOptions, "at" | "patienceMs" | "clock">,
): Saga {
  const { orderId, traceparent } = saga;
  if (next === null)
    return { orderId, step: null, requestId: null, attempts: 0, deadline: null, traceparent };
  const attempts = next === saga.step ? saga.attempts + 1 : 1;
  const deadline = deadlineAfter(at, attempts, { patienceMs, spread: clock.random() });
  return { orderId, step: next, requestId: clock.id(), attempts, deadline, traceparent };
}

/** A message with its id, and the version that the order has after what it says. */
interface OutgoingOrderMessage extends OrderMessage {
  readonly id: string;
  readonly version: number;
}

/**
 * Puts messages, and the request that the saga waits for, into envelopes.
 *
 * @param order as the move left it
 */
export function envelopes(
  order: OrderRow,
  saga: Saga,
  options: {
    readonly at: Date;
    readonly causationId: string | null;
    readonly messages: readonly OutgoingOrderMessage[];
    readonly next: SagaStep | null;
  },
): OutgoingMessage[] {
  const { at, causationId, messages, next } = options;
  const all = [...messages];
  if (next !== null && saga.requestId !== null) {
    all.push({ ...requestMessage(next, order), id: saga.requestId, version: order.version });
  }
  return all.map(({ channel, version, ...message }) => {
    const envelope = createEnvelope({
      ...message,
      aggregateType: "order",
      aggregateId: order.id,
      aggregateVersion: version,
      occurredAt: at,
      correlationId: order.id,
      traceparent: saga.traceparent,
    });
    return { channel, envelope: { ...envelope, causationId } };
  });
}
