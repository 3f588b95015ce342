import { momentSql, sql, type Sql } from "@tributary/subgraph-kit";
import type { PaymentStatus } from "../domain/payment.ts";
import type { VisiblePayments } from "../domain/visibility.ts";

/** Which payments to read. All the conditions that are given must hold. */
export interface PaymentFilter {
  readonly status?: readonly PaymentStatus[] | null;
  /** From the first moment, included, to the last, excluded. */
  readonly requestedAt?: { readonly from?: Date | null; readonly to?: Date | null } | null;
  /** In minor units, both ends included. */
  readonly amount?: { readonly minMinor?: number | null; readonly maxMinor?: number | null } | null;
  /** The payer's own, as it stands. */
  readonly reference?: string | null;
}

/** The filter as conditions on the columns of `payments`. */
export function filterConditions(filter: PaymentFilter | null): Sql[] {
  const { status, requestedAt, amount, reference } = filter ?? {};
  const conditions: Sql[] = [];
  if (status) conditions.push(sql`status = ANY(${[...status]}::text[]::"PaymentStatus"[])`);
  if (requestedAt?.from) conditions.push(sql`requested_at >= ${momentSql(requestedAt.from)}`);
  if (requestedAt?.to) conditions.push(sql`requested_at < ${momentSql(requestedAt.to)}`);
  if (amount?.minMinor != null)
    conditions.push(sql`amount_minor >= ${String(amount.minMinor)}::text::bigint`);
  if (amount?.maxMinor != null)
    conditions.push(sql`amount_minor <= ${String(amount.maxMinor)}::text::bigint`);
  if (reference != null) conditions.push(referenceIs(reference));
  return conditions;
}

/** Who may see what, as conditions on the columns of `payments`. */
export function visibilityConditions(visible: VisiblePayments): Sql[] {
  if (visible === "everybody's") return [];
  if (visible === "nobody's") return [sql`false`];
  return [sql`customer_id = ${visible.customerId}::text::uuid`];
}

/** PostgreSQL's text holds no NUL, and takes none as a parameter. */
function referenceIs(reference: string): Sql {
  return reference.includes("\0") ? sql`false` : sql`reference = ${reference}::text`;
}
