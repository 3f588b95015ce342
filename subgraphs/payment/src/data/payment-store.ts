import type { OutgoingMessage } from "@tributary/messaging";
import type { IdempotencyStore } from "@tributary/subgraph-kit";
import type { Payment, PaymentRecord } from "../domain/payment.ts";
import type { WantedAction } from "../domain/provider-steps.ts";
import type { VisiblePayments } from "../domain/visibility.ts";

/** Something the provider is asked to do. Ids are UUIDs. */
export interface ProviderCall {
  /** The idempotency key under which the provider does it once. */
  readonly id: string;
  readonly paymentId: string;
  readonly action: WantedAction;
  readonly amountMinor: number;
  /** The message that asked for it; null where a client did. */
  readonly requestId: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
  /** How often it was tried. */
  readonly attempts: number;
}

/** A call that is to be made now, with its payment as the calls before it have left it. */
export interface TakenCall extends ProviderCall {
  readonly payment: PaymentRecord;
}

/** A call that is answered. */
export interface EndedCall extends ProviderCall {
  /** Whether another one of the same payment waits behind it. */
  readonly isFollowed: boolean;
}

/** What changes of payments need of one transaction at READ COMMITTED. */
export interface PaymentStore extends IdempotencyStore {
  /**
   * Reads a payment with its ledger and keeps others from changing it until the transaction ends.
   *
   * @param id a UUID
   * @returns null where there is no such payment, or none that the caller may see
   * @throws {PaymentError} BROKEN_LEDGER
   */
  lockPayment(id: string, visible: VisiblePayments): Promise<Payment | null>;
  /** Reads the payment of an order as {@link PaymentStore.lockPayment} does. */
  lockPaymentOfOrder(orderId: string): Promise<Payment | null>;
  /** Writes a new payment. The transaction fails where the order has one already. */
  insertPayment(payment: Payment): Promise<void>;
  /**
   * Writes what a command has made of a payment: its row, and the entries that its ledger did not have before.
   *
   * @param before as it was locked in the same transaction
   */
  savePayment(before: Payment, after: Payment): Promise<void>;
  /**
   * Notes a call to be made, after those of the same payment that were noted before; the payment is locked. Where the
   * last of them asks for the same and is not answered yet, it answers this request instead of its own: a request that is
   * repeated while the provider is silent is one call. (A refund is always one of its own.)
   */
  addProviderCall(call: Omit<ProviderCall, "attempts">): Promise<void>;
  /**
   * Takes calls that are due, and keeps others from taking them for a while: a process that dies with a call loses it to
   * another one. Of one payment only the first call that is not answered is taken; what others have locked is left out.
   *
   * @param options.leaseMs how long they are this process's own
   */
  takeProviderCalls(options: { readonly most: number; readonly leaseMs: number }): Promise<TakenCall[]>;
  /** Whether a reversal of a payment is noted and not answered yet; the payment is locked. */
  hasOpenReversal(paymentId: string): Promise<boolean>;
  /** Has a call that got no answer made again after a while, unless it was answered since. */
  postponeProviderCall(id: string, waitMs: number): Promise<void>;
  /** Reads whose payment a call is about that is not answered yet. Locks are taken in one order, the payment before its call. */
  paymentOfCall(id: string): Promise<string | null>;
  /** Notes that a call was answered; its payment is locked. @returns null where that was noted before */
  endProviderCall(id: string): Promise<EndedCall | null>;
  /** Writes messages into the outbox, after the rows that they tell of. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}
