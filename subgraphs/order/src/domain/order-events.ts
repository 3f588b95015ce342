import { OrderError } from "./order-error.ts";
import type { PaymentTerms } from "./order-status.ts";

/** One line of an order, as it stands in the event and in the row. */
export interface OrderLine {
  readonly lineNumber: number;
  readonly productCode: string;
  readonly productName: string;
  readonly quantity: number;
  /** The price of one, in minor units of the order's currency. */
  readonly unitPriceMinor: number;
}

/** What is known when an order is placed. Times are RFC 3339 text, since the data is stored as JSON. */
export interface OrderCreatedData {
  readonly customerId: string;
  readonly number: string;
  readonly currency: string;
  readonly paymentTerms: PaymentTerms;
  readonly lines: readonly OrderLine[];
  readonly requiredBy: string | null;
  readonly comments: string | null;
  /** The status in the system that the order was imported from; null where it was placed here. */
  readonly sourceStatus: string | null;
  /** The shipping date there, kept even where the order was cancelled there afterwards; null where there is none. */
  readonly sourceShippedAt: string | null;
}

interface NoData {
  readonly [key: string]: never;
}

/** The data of each type of event, by the type's name. */
export interface OrderEventData {
  readonly OrderCreated: OrderCreatedData;
  /** The customer context holds credit for the order's total. */
  readonly OrderCreditReserved: NoData;
  /** The payment context has the order's total set aside. */
  readonly OrderPaymentAuthorised: { readonly paymentId: string };
  readonly OrderConfirmed: NoData;
  /** The payment was declined while credit was held: the credit is being released. */
  readonly OrderRejectionStarted: { readonly reason: string };
  readonly OrderRejected: { readonly reason: string };
  readonly OrderCancellationRequested: { readonly reason: string | null };
  readonly OrderCancelled: NoData;
  readonly OrderFulfilled: NoData;
}

export type OrderEventType = keyof OrderEventData;

/** Every type of event, by the name it is stored under. */
export const ORDER_EVENT_TYPES: readonly OrderEventType[] = [
  "OrderCreated",
  "OrderCreditReserved",
  "OrderPaymentAuthorised",
  "OrderConfirmed",
  "OrderRejectionStarted",
  "OrderRejected",
  "OrderCancellationRequested",
  "OrderCancelled",
  "OrderFulfilled",
];

/** Something that happened to one order. Never changed once stored. */
export interface OrderEventOf<T extends OrderEventType> {
  readonly orderId: string;
  /** The version that the order has after the event: 1, 2, 3, without gaps. */
  readonly version: number;
  readonly type: T;
  readonly data: OrderEventData[T];
  readonly occurredAt: Date;
}

export type OrderEvent = { [T in OrderEventType]: OrderEventOf<T> }[OrderEventType];

/** An event as a table keeps it: a type's name and JSON. */
export interface StoredOrderEvent {
  readonly orderId: string;
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
  readonly occurredAt: Date;
}

const types: ReadonlySet<string> = new Set(ORDER_EVENT_TYPES);

/**
 * Reads a stored event back.
 *
 * The data is believed: only this context writes the table, and nothing in it is ever changed.
 *
 * @throws {OrderError} UNKNOWN_EVENT where the type is none of {@link ORDER_EVENT_TYPES}
 */
export function readOrderEvent(stored: StoredOrderEvent): OrderEvent {
  if (!types.has(stored.type)) {
    throw new OrderError(
      "UNKNOWN_EVENT",
      `event ${stored.version} of order ${stored.orderId} has the unknown type ${stored.type}`,
    );
  }
  return stored as OrderEvent;
}
