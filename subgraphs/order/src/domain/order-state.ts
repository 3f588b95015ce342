import { OrderError } from "./order-error.ts";
import type { OrderEvent, OrderEventType, OrderLine } from "./order-events.ts";
import type { OrderStatus, PaymentTerms } from "./order-status.ts";
import { orderTotal } from "./order-totals.ts";

/** The row of the order's own table. */
export interface OrderRow {
  readonly id: string;
  readonly number: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly paymentTerms: PaymentTerms;
  readonly sourceStatus: string | null;
  readonly totalMinor: number;
  readonly currency: string;
  readonly comments: string | null;
  readonly placedAt: Date;
  readonly requiredBy: Date | null;
  readonly fulfilledAt: Date | null;
  readonly version: number;
  /** When the last event occurred. */
  readonly updatedAt: Date;
  /** Why the order was refused, or is being refused; null otherwise. */
  readonly rejectionReason: string | null;
}

/** An order as its events make it: its row and its lines. */
export interface OrderState extends OrderRow {
  /** By line number. */
  readonly lines: readonly OrderLine[];
}

const RESULT: Readonly<Record<OrderEventType, OrderStatus>> = {
  OrderCreated: "PENDING",
  OrderCreditReserved: "CREDIT_RESERVED",
  OrderPaymentAuthorised: "PAYMENT_AUTHORISED",
  OrderConfirmed: "CONFIRMED",
  OrderRejectionStarted: "REJECTING",
  OrderRejected: "REJECTED",
  OrderCancellationRequested: "CANCELLING",
  OrderCancelled: "CANCELLED",
  OrderFulfilled: "FULFILLED",
};

/**
 * Whether an event of this type may come next.
 *
 * PREPAID orders are confirmed when their payment is captured; ON_ACCOUNT orders, which are invoiced, as soon as credit
 * is held. An imported order may be confirmed straight away: the steps that it took elsewhere are not known here.
 *
 * @param state the order so far; null before its first event
 */
export function mayHappen(state: OrderRow | null, type: OrderEventType): boolean {
  if (state === null) return type === "OrderCreated";
  switch (type) {
    case "OrderCreated":
      return false;
    case "OrderCreditReserved":
      return state.status === "PENDING";
    case "OrderPaymentAuthorised":
      return state.status === "CREDIT_RESERVED" && state.paymentTerms === "PREPAID";
    case "OrderConfirmed":
      return (
        state.status === "PAYMENT_AUTHORISED" ||
        (state.status === "CREDIT_RESERVED" && state.paymentTerms === "ON_ACCOUNT") ||
        (state.status === "PENDING" && state.sourceStatus !== null)
      );
    case "OrderRejectionStarted":
      return state.status === "CREDIT_RESERVED";
    case "OrderRejected":
      return state.status === "PENDING" || state.status === "REJECTING";
    case "OrderCancellationRequested":
      return ["PENDING", "CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"].includes(state.status);
    case "OrderCancelled":
      return state.status === "CANCELLING";
    case "OrderFulfilled":
      return state.status === "CONFIRMED";
  }
}

/**
 * The order after one more event.
 *
 * @param state the order so far; null before its first event
 * @throws {OrderError} FOREIGN_EVENT, VERSION_GAP or ILLEGAL_TRANSITION where the event cannot follow
 * @throws {MoneyError} UNSAFE_AMOUNT where the order's total leaves 2^53 - 1
 */
export function evolve(state: OrderState | null, event: OrderEvent): OrderState {
  // Every other event leaves the lines as they are.
  if (event.type !== "OrderCreated" && state !== null) return advance(state, event);
  checkNext(state, event);
  return created(event as OrderEvent & { type: "OrderCreated" });
}

/**
 * The order after an event that is not its first: the row alone is enough for it.
 *
 * @throws {OrderError} FOREIGN_EVENT, VERSION_GAP or ILLEGAL_TRANSITION where the event cannot follow
 */
export function advance<Row extends OrderRow>(before: Row, event: OrderEvent): Row {
  checkNext(before, event);
  return {
    ...before,
    status: RESULT[event.type],
    version: event.version,
    updatedAt: event.occurredAt,
    fulfilledAt: event.type === "OrderFulfilled" ? event.occurredAt : before.fulfilledAt,
    rejectionReason:
      event.type === "OrderRejected" || event.type === "OrderRejectionStarted"
        ? event.data.reason
        : before.rejectionReason,
  };
}

function checkNext(state: OrderRow | null, event: OrderEvent): void {
  if (state !== null && state.id !== event.orderId) {
    throw new OrderError(
      "FOREIGN_EVENT",
      `an event of order ${event.orderId} is no event of order ${state.id}`,
    );
  }
  const expected = (state?.version ?? 0) + 1;
  if (event.version !== expected) {
    throw new OrderError(
      "VERSION_GAP",
      `event ${event.version} of order ${event.orderId} comes where event ${expected} belongs`,
    );
  }
  if (!mayHappen(state, event.type)) throw illegal(state, event.type);
}

/**
 * The order that a whole stream of events makes, oldest first; null where there are none.
 *
 * @throws {OrderError | MoneyError} as {@link evolve}
 */
export function fold(events: Iterable<OrderEvent>): OrderState | null {
  let state: OrderState | null = null;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** The row that queries read. */
export function toRow(state: OrderState): OrderRow {
  const { lines: _lines, ...row } = state;
  return row;
}

/** The error of an event that may not come next. */
export function illegal(state: OrderRow | null, what: string): OrderError {
  const where = state === null ? "before the order exists" : `of order ${state.id}, which is ${state.status}`;
  return new OrderError("ILLEGAL_TRANSITION", `no ${what} ${where}`, { status: state?.status ?? null });
}

function created(event: OrderEvent & { type: "OrderCreated" }): OrderState {
  const { data } = event;
  return {
    id: event.orderId,
    number: data.number,
    customerId: data.customerId,
    status: RESULT.OrderCreated,
    paymentTerms: data.paymentTerms,
    sourceStatus: data.sourceStatus,
    totalMinor: orderTotal(data.lines, data.currency).amountMinor,
    currency: data.currency,
    comments: data.comments,
    placedAt: event.occurredAt,
    requiredBy: data.requiredBy === null ? null : new Date(data.requiredBy),
    fulfilledAt: null,
    version: 1,
    updatedAt: event.occurredAt,
    lines: data.lines.toSorted((left, right) => left.lineNumber - right.lineNumber),
    rejectionReason: null,
  };
}
