import type { OrderRow } from "../domain/order-state.ts";
import type { OrderStatus, PaymentTerms } from "../domain/order-status.ts";

/** A row of the table `orders`, as a raw query gives it. */
export interface OrderSqlRow {
  id: string;
  number: string;
  customer_id: string;
  status: OrderStatus;
  payment_terms: PaymentTerms;
  source_status: string | null;
  /** Text where the plain driver read it. */
  total_minor: bigint | string;
  currency: string;
  comments: string | null;
  rejection_reason: string | null;
  placed_at: Date;
  required_by: Date | null;
  fulfilled_at: Date | null;
  version: number;
  updated_at: Date;
}

/** The row in the words of the domain. */
export function toOrderRow(row: OrderSqlRow): OrderRow {
  return {
    id: row.id,
    number: row.number,
    customerId: row.customer_id,
    status: row.status,
    paymentTerms: row.payment_terms,
    sourceStatus: row.source_status,
    // The table's own check keeps it within 2^53 - 1.
    totalMinor: Number(row.total_minor),
    currency: row.currency,
    comments: row.comments,
    rejectionReason: row.rejection_reason,
    placedAt: row.placed_at,
    requiredBy: row.required_by,
    fulfilledAt: row.fulfilled_at,
    version: row.version,
    updatedAt: row.updated_at,
  };
}
