import { createMoney } from "../domain/money.ts";
import type {
  LedgerEntryRecord,
  LedgerEntryType,
  PaymentMethod,
  PaymentRecord,
  PaymentStatus,
} from "../domain/payment.ts";
import type { PaymentFigures } from "../domain/payment-summary.ts";

/** A row of the table `payments`, as a raw query gives it. */
export interface PaymentSqlRow {
  id: string;
  customer_id: string;
  order_id: string | null;
  reference: string | null;
  status: PaymentStatus;
  method: PaymentMethod;
  /** Text where the plain driver read them. */
  amount_minor: bigint | string;
  captured_minor: bigint | string;
  refunded_minor: bigint | string;
  currency: string;
  decline_reason: string | null;
  requested_at: Date;
  captured_at: Date | null;
  version: number;
  updated_at: Date;
}

/** The row in the words of the domain. */
export function toPaymentRecord(row: PaymentSqlRow): PaymentRecord {
  return {
    id: row.id,
    customerId: row.customer_id,
    orderId: row.order_id,
    reference: row.reference,
    status: row.status,
    method: row.method,
    amount: createMoney(BigInt(row.amount_minor), row.currency),
    captured: createMoney(BigInt(row.captured_minor), row.currency),
    refunded: createMoney(BigInt(row.refunded_minor), row.currency),
    declineReason: row.decline_reason,
    requestedAt: row.requested_at,
    capturedAt: row.captured_at,
    version: row.version,
    updatedAt: row.updated_at,
  };
}

/** A row of the table `ledger_entries`, by Prisma's names. */
export interface LedgerEntryRow {
  paymentId: string;
  sequence: number;
  type: LedgerEntryType;
  amountMinor: bigint | string;
  reason: string | null;
  occurredAt: Date;
}

/** The row in the words of the domain. The currency is the payment's: the ledger's rows have none of their own. */
export function toLedgerEntry(row: LedgerEntryRow, { amount }: PaymentRecord): LedgerEntryRecord {
  return {
    sequence: row.sequence,
    type: row.type,
    amount: createMoney(BigInt(row.amountMinor), amount.currency),
    reason: row.reason,
    occurredAt: row.occurredAt,
  };
}

/** What `figuresOf` reads. Sums come as text: one customer's may be beyond bigint, and must not cost another's. */
export interface FiguresSqlRow {
  customer_id: string;
  currency: string;
  count: bigint;
  captured_minor: string;
  refunded_minor: string;
  outstanding_minor: string;
  last_payment_id: string | null;
}

/** The row in the words of the domain. */
export function toFigures(row: FiguresSqlRow): PaymentFigures {
  return {
    currency: row.currency,
    count: Number(row.count),
    capturedMinor: BigInt(row.captured_minor),
    refundedMinor: BigInt(row.refunded_minor),
    outstandingMinor: BigInt(row.outstanding_minor),
    lastPaymentId: row.last_payment_id,
  };
}
