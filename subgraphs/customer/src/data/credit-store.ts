import type { OutgoingMessage } from "@tributary/messaging";
import type { CustomerStatus } from "../domain/customer.ts";
import type { Money } from "../domain/money.ts";
import type { ReservationRecord, ReservationRefusal } from "../domain/reservation.ts";

/** Credit that is asked for an order. Ids are UUIDs. */
export interface ReservationRequest {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
}

/** What was decided on an order, and what is held for its customer. */
export interface CreditDecision {
  /** Null where nothing was ever held for the order. */
  readonly status: ReservationRecord["status"] | null;
  readonly version: number;
  readonly refusal: ReservationRefusal | null;
  /** The sum for each currency. */
  readonly held: readonly Money[];
}

/** What the handling of requests for credit needs of one transaction at READ COMMITTED. */
export interface CreditStore {
  /** Has requests for one customer take turns until the transaction ends. @returns null where there is no such customer */
  lockCustomer(id: string): Promise<{ readonly status: CustomerStatus; readonly creditLimit: Money } | null>;
  /** Reads what was decided by all transactions that have ended; to be called after the lock. */
  readDecision(request: ReservationRequest): Promise<CreditDecision>;
  /** Writes a reservation that is HELD, of version 1. */
  hold(request: ReservationRequest): Promise<void>;
  /** Ends the hold of an order. @returns the reservation's version */
  endHold(orderId: string, status: "SETTLED" | "RELEASED"): Promise<number>;
  /** Notes a refusal; one that is there stays. */
  refuse(request: ReservationRequest, reason: ReservationRefusal): Promise<void>;
  /** Writes messages into the outbox, after the rows that they tell of. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}
