import type { OrderEvent, OrderLine } from "./order-events.ts";
import type { OrderRow } from "./order-state.ts";
import type { SagaStep } from "./saga.ts";

/** What an order's message says, without what every message has: id, causation, trace. */
export interface OrderMessage {
  readonly channel: string;
  readonly type: string;
  readonly data: object;
}

/** Says an event to the other contexts. @param order as the event left it */
export function eventMessage(event: OrderEvent, order: OrderRow): OrderMessage {
  const lines = event.type === "OrderCreated" ? messageLines(event.data.lines) : {};
  return {
    channel: "order.events",
    type: event.type,
    data: { ...event.data, ...orderMessageData(order), ...lines },
  };
}

/** What each message about an order says of it, so that nobody needs those before. */
export function orderMessageData(order: OrderRow): object {
  const {
    id: orderId,
    customerId,
    number,
    status,
    paymentTerms,
    totalMinor,
    currency,
    rejectionReason,
  } = order;
  const placedAt = order.placedAt.toISOString();
  const fulfilledAt = order.fulfilledAt?.toISOString() ?? null;
  return {
    ...{ orderId, customerId, number, status, paymentTerms, totalMinor, currency, rejectionReason },
    ...{ placedAt, fulfilledAt },
  };
}

/** As many lines as one message carries, and how many there are. A message has a limit, and an imported order has none. */
export function messageLines(lines: readonly OrderLine[]): {
  readonly lines: readonly OrderLine[];
  readonly lineCount: number;
} {
  let length = 0;
  const fit = lines
    .slice(0, MOST_LINES)
    .findIndex((line) => (length += JSON.stringify(line).length) > MOST_LENGTH);
  return { lines: lines.slice(0, fit < 0 ? MOST_LINES : fit), lineCount: lines.length };
}

const MOST_LINES = 500;
/** In UTF-16 code units of JSON, of which none has more than three bytes in UTF-8. */
const MOST_LENGTH = 64 * 1024;

const REQUESTS: Readonly<Record<SagaStep, readonly [channel: string, type: string]>> = {
  RESERVE_CREDIT: ["customer.commands", "ReserveCredit"],
  AUTHORISE_PAYMENT: ["payment.commands", "AuthorisePayment"],
  CAPTURE_PAYMENT: ["payment.commands", "CapturePayment"],
  REVERSE_PAYMENT: ["payment.commands", "ReversePayment"],
  RELEASE_CREDIT: ["customer.commands", "ReleaseCredit"],
  SETTLE_CREDIT: ["customer.commands", "SettleCredit"],
};

/** Asks another context for a step. All that it needs is in the request: it never asks back. */
export function requestMessage(step: SagaStep, order: OrderRow): OrderMessage {
  const [channel, type] = REQUESTS[step];
  const { id: orderId, customerId, totalMinor: amountMinor, currency } = order;
  return { channel, type, data: { orderId, customerId, amountMinor, currency } };
}
