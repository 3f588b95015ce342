import type { CreditDecision } from "@tributary/customer/protocol";
import type { HistoryChange, HistoryEntry, HistoryHead, StoredPart } from "@tributary/history/protocol";
import type { DeadLetter, OutgoingMessage } from "@tributary/messaging/protocol";
import type { IdentifiedEvent, OrderLine, OrderRow, Saga } from "@tributary/order/protocol";
import type { LedgerEntryRecord, PaymentRecord, ProviderCall } from "@tributary/payment/protocol";
import type { IdempotencyRecord } from "@tributary/subgraph-kit";

/** As much of a customer as the protocol needs. */
export interface StoredCustomer {
  readonly id: string;
  readonly status: "ACTIVE" | "SUSPENDED" | "CLOSED";
  readonly limitMinor: number;
  readonly currency: string;
}

export interface StoredReservation {
  readonly orderId: string;
  readonly customerId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: "HELD" | "SETTLED" | "RELEASED";
  readonly version: number;
}

/** A product of the price list, with its prices by currency. */
export interface StoredProduct {
  readonly code: string;
  readonly name: string;
  readonly prices: Readonly<Record<string, number>>;
}

export interface StoredCall extends ProviderCall {
  readonly sequence: number;
  /** Milliseconds since 1970; null once the provider has answered. */
  readonly nextAttemptAt: number | null;
}

/** A segment of the view. */
export interface StoredEntry extends HistoryEntry {
  readonly parts: Readonly<Record<string, StoredPart & Pick<HistoryChange, "held">>>;
}

/** A row of the outbox. */
export interface StoredMessage extends OutgoingMessage {
  readonly seq: number;
  readonly shard: number;
}

/** The rows of each table, of whichever context. Unique indexes are tables without columns. */
export interface Tables {
  readonly customers: StoredCustomer;
  readonly credit_reservations: StoredReservation;
  readonly refused_reservations: { readonly reason: NonNullable<CreditDecision["refusal"]> };
  readonly products: StoredProduct;
  readonly orders: OrderRow;
  readonly order_lines: { readonly orderId: string; readonly lines: readonly OrderLine[] };
  readonly order_events: IdentifiedEvent;
  readonly order_sagas: Saga;
  readonly payments: PaymentRecord;
  readonly payments_order_id_key: object;
  readonly ledger_entries: { readonly paymentId: string; readonly entries: readonly LedgerEntryRecord[] };
  readonly provider_calls: StoredCall;
  readonly provider_calls_payment_id_sequence_key: object;
  readonly customer_heads: HistoryHead;
  readonly entries: StoredEntry;
  readonly outbox_messages: StoredMessage;
  /** What of the outbox is published: a look at it costs what it finds. */
  readonly published_messages: StoredMessage;
  readonly inbox_messages: { readonly consumer: string; readonly id: string };
  readonly dead_letters: DeadLetter;
  readonly idempotency_records: IdempotencyRecord;
}

export type TableName = keyof Tables;
