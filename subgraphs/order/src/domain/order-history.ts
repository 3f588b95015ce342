import { OrderError } from "./order-error.ts";
import { ORDER_EVENT_TYPES, type OrderEventType, type StoredOrderEvent } from "./order-events.ts";

/** What the history tells of an event: that it happened, and when. Its data is the order's own. */
export interface HistoryEntry {
  /** The version that the order has after it: 1, 2, 3, without gaps. */
  readonly version: number;
  readonly type: OrderEventType;
  readonly occurredAt: Date;
}

const types = new Map<string, OrderEventType>(ORDER_EVENT_TYPES.map((type) => [type, type]));

/**
 * Reads a stored event as an entry of the history.
 *
 * @throws {OrderError} UNKNOWN_EVENT where the type is none of those in `ORDER_EVENT_TYPES`
 */
export function toHistoryEntry(event: Omit<StoredOrderEvent, "data">): HistoryEntry {
  const { orderId, version, occurredAt } = event;
  const type = types.get(event.type);
  if (type === undefined) {
    throw new OrderError(
      "UNKNOWN_EVENT",
      `event ${version} of order ${orderId} has the unknown type ${event.type}`,
    );
  }
  return { version, type, occurredAt };
}
