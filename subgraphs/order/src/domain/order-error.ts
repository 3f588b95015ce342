import type { OrderStatus } from "./order-status.ts";

export type OrderErrorCode =
  /** The event or command is not allowed in the state that the order is in. */
  | "ILLEGAL_TRANSITION"
  /** An event's version is not the one that follows: an event is missing, doubled or out of order. */
  | "VERSION_GAP"
  /** An event belongs to another order than the ones before it. */
  | "FOREIGN_EVENT"
  /** A stored event has a type that this code does not know. */
  | "UNKNOWN_EVENT"
  /** A new order breaks rules; `faults` lists them all. */
  | "INVALID_ORDER";

export interface OrderErrorDetails {
  readonly status?: OrderStatus | null;
  readonly faults?: readonly OrderFault[];
}

/** One fault of a new order: where it is, as a path into the order, and what is wrong there. */
export interface OrderFault {
  readonly path: string;
  readonly message: string;
}

export class OrderError extends Error {
  override readonly name = "OrderError";
  readonly code: OrderErrorCode;
  /** The state that the order was in; null where there was no order yet. */
  readonly status: OrderStatus | null;
  readonly faults: readonly OrderFault[];

  constructor(code: OrderErrorCode, message: string, details: OrderErrorDetails = {}) {
    super(message);
    this.code = code;
    this.status = details.status ?? null;
    this.faults = details.faults ?? [];
  }
}
