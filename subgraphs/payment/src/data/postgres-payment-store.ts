import { writeMessages, type SqlTransaction } from "@tributary/messaging";
import { createIdempotencyStore, joinSql, sql, type Sql } from "@tributary/subgraph-kit";
import { withLedger } from "../domain/ledger.ts";
import type { Payment } from "../domain/payment.ts";
import { visibilityConditions } from "./payment-conditions.ts";
import { toLedgerEntry, toPaymentRecord, type LedgerEntryRow, type PaymentSqlRow } from "./payment-rows.ts";
import type { PaymentStore } from "./payment-store.ts";
import {
  addProviderCall,
  endProviderCall,
  hasOpenReversal,
  paymentOfCall,
  postponeProviderCall,
  takeProviderCalls,
} from "./provider-calls.ts";

/** Creates the store of a transaction of the context's own database. */
export function createPaymentStore(transaction: SqlTransaction): PaymentStore {
  return {
    ...createIdempotencyStore({
      $queryRaw: (statement) => transaction.query(statement) as never,
      $executeRaw: (statement) => transaction.defer(statement),
    }),
    lockPayment: (id, visible) =>
      lock(transaction, sql`id = ${id}::text::uuid`, visibilityConditions(visible)),
    lockPaymentOfOrder: (orderId) => lock(transaction, sql`order_id = ${orderId}::text::uuid`),
    insertPayment: (payment) => insertPayment(transaction, payment),
    savePayment: (before, after) => savePayment(transaction, before, after),
    addProviderCall: (call) => addProviderCall(transaction, call),
    takeProviderCalls: (options) => takeProviderCalls(transaction, options),
    hasOpenReversal: (paymentId) => hasOpenReversal(transaction, paymentId),
    postponeProviderCall: (id, waitMs) => postponeProviderCall(transaction, id, waitMs),
    paymentOfCall: (id) => paymentOfCall(transaction, id),
    endProviderCall: (id) => endProviderCall(transaction, id),
    send: (messages) => writeMessages(transaction, messages),
  };
}

async function lock(
  transaction: SqlTransaction,
  condition: Sql,
  more: readonly Sql[] = [],
): Promise<Payment | null> {
  // A statement of its own, after the lock: the ledger as whoever held it has left it.
  const [[row], ledger] = await transaction.queryBoth<PaymentSqlRow, LedgerEntryRow>(
    sql`SELECT * FROM payments WHERE ${joinSql([condition, ...more], " AND ")} FOR NO KEY UPDATE`,
    sql`SELECT payment_id AS "paymentId", sequence, type, amount_minor AS "amountMinor", reason, occurred_at AS "occurredAt" FROM ledger_entries WHERE payment_id = (SELECT id FROM payments WHERE ${condition}) ORDER BY sequence`,
  );
  if (!row) return null;
  const record = toPaymentRecord(row);
  return withLedger(
    record,
    ledger.map((entry) => toLedgerEntry(entry, record)),
  );
}

async function insertPayment(transaction: SqlTransaction, payment: Payment): Promise<void> {
  await transaction.defer(
    sql`INSERT INTO payments (id, customer_id, order_id, reference, status, method, amount_minor, currency, requested_at, version, updated_at)
      VALUES (${payment.id}, ${payment.customerId}, ${payment.orderId}, ${payment.reference}, ${payment.status}::"PaymentStatus", ${payment.method}::"PaymentMethod", ${payment.amount.amountMinor}, ${payment.amount.currency}, ${payment.requestedAt}, ${payment.version}, ${payment.updatedAt})`,
  );
}

async function savePayment(transaction: SqlTransaction, before: Payment, after: Payment): Promise<void> {
  const entries = after.ledger.slice(before.ledger.length);
  const saved = await transaction.query(
    sql`WITH new_entries AS (
      INSERT INTO ledger_entries (payment_id, sequence, type, amount_minor, reason, occurred_at)
      SELECT ${after.id}::uuid, sequence, type::"LedgerEntryType", amount_minor, reason, occurred_at
      FROM unnest(${entries.map(({ sequence }) => sequence)}::int[], ${entries.map(({ type }) => type)}::text[], ${entries.map(({ amount }) => amount.amountMinor)}::bigint[], ${entries.map(({ reason }) => reason)}::text[], ${entries.map(({ occurredAt }) => occurredAt)}::timestamptz[]) AS entries(sequence, type, amount_minor, reason, occurred_at)
    )
    UPDATE payments SET status = ${after.status}::"PaymentStatus", captured_minor = ${after.captured.amountMinor}, refunded_minor = ${after.refunded.amountMinor}, decline_reason = ${after.declineReason}, captured_at = ${after.capturedAt}, version = ${after.version}, updated_at = ${after.updatedAt}
    WHERE id = ${before.id}::uuid AND version = ${before.version} RETURNING id`,
  );
  if (saved.length !== 1) throw new Error(`payment ${before.id} was changed by another while it was locked`);
}
