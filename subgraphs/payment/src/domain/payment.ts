import type { Money } from "./money.ts";

/** How far a payment has come. */
export type PaymentStatus =
  "REQUESTED" | "AUTHORISED" | "CAPTURED" | "PARTIALLY_REFUNDED" | "REFUNDED" | "DECLINED" | "VOIDED";

/** How the money comes. */
export type PaymentMethod = "CARD" | "CHEQUE" | "TRANSFER";

/** What can move. */
export type LedgerEntryType = "AUTHORISATION" | "CAPTURE" | "REFUND" | "VOID";

/** A payment without its ledger, as its row has it. All amounts are in one currency. */
export interface PaymentRecord {
  readonly id: string;
  /** In the customer context. */
  readonly customerId: string;
  /** In the order context; null for a payment on account. */
  readonly orderId: string | null;
  /** The payer's own. */
  readonly reference: string | null;
  readonly status: PaymentStatus;
  readonly method: PaymentMethod;
  /** What was asked for; above zero. */
  readonly amount: Money;
  /** Before refunds. */
  readonly captured: Money;
  readonly refunded: Money;
  /** Only where it was DECLINED. */
  readonly declineReason: string | null;
  readonly requestedAt: Date;
  readonly capturedAt: Date | null;
  /** 1 when it is requested, and one more with each change. */
  readonly version: number;
  readonly updatedAt: Date;
}

/** One movement of money. */
export interface LedgerEntryRecord {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly type: LedgerEntryType;
  /** Above zero, in the payment's currency. */
  readonly amount: Money;
  readonly reason: string | null;
  readonly occurredAt: Date;
}

/** A payment with every movement of its money, oldest first. */
export interface Payment extends PaymentRecord {
  readonly ledger: readonly LedgerEntryRecord[];
}

/** A payment as it is handed to whoever shows it: its ledger is there where it had to be read anyway. */
export type ShownPayment = PaymentRecord | Payment;
