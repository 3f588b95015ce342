import type { SqlTransaction } from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { WantedAction } from "../domain/provider-steps.ts";
import { toPaymentRecord, type PaymentSqlRow } from "./payment-rows.ts";
import type { EndedCall, ProviderCall, TakenCall } from "./payment-store.ts";

export async function addProviderCall(
  transaction: SqlTransaction,
  call: Omit<ProviderCall, "attempts">,
): Promise<void> {
  const { id, paymentId, action, amountMinor, requestId, correlationId, traceparent } = call;
  // The column has milliseconds, and would round up: a call that is due now would not be yet.
  await transaction.defer(
    sql`WITH repeated AS (
        UPDATE provider_calls SET request_id = ${requestId}::uuid, correlation_id = ${correlationId}, traceparent = ${traceparent}
        WHERE payment_id = ${paymentId}::uuid AND action = ${action}::"ProviderAction" AND action <> 'REFUND' AND next_attempt_at IS NOT NULL
          AND sequence = (SELECT max(sequence) FROM provider_calls WHERE payment_id = ${paymentId}::uuid)
        RETURNING id
      )
      INSERT INTO provider_calls (id, payment_id, sequence, action, amount_minor, request_id, correlation_id, traceparent, next_attempt_at)
      SELECT ${id}::uuid, ${paymentId}::uuid, coalesce(max(sequence), 0) + 1, ${action}::"ProviderAction", ${amountMinor}::bigint, ${requestId}::uuid, ${correlationId}, ${traceparent}, date_trunc('milliseconds', now())
      FROM provider_calls WHERE payment_id = ${paymentId}::uuid HAVING NOT EXISTS (SELECT FROM repeated)`,
  );
}

export async function takeProviderCalls(
  transaction: SqlTransaction,
  { most, leaseMs }: { readonly most: number; readonly leaseMs: number },
): Promise<TakenCall[]> {
  // Looked for once: in a subquery that is run again for each row, what is locked by then would not count towards LIMIT.
  // Each call's payment is looked up by itself: as a join, half of all payments may be read for the sake of two.
  const rows = await transaction.query<PaymentSqlRow & TakenCallSqlColumns>(
    sql`WITH next AS MATERIALIZED (
        SELECT id FROM provider_calls due WHERE next_attempt_at <= now() AND NOT EXISTS (
          SELECT FROM provider_calls earlier WHERE earlier.payment_id = due.payment_id AND earlier.sequence < due.sequence AND earlier.next_attempt_at IS NOT NULL
        ) ORDER BY next_attempt_at LIMIT ${most} FOR UPDATE SKIP LOCKED
      ), taken AS (
        UPDATE provider_calls SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => ${leaseMs / 1000}::float8)
        FROM next WHERE provider_calls.id = next.id RETURNING provider_calls.*
      )
      SELECT taken.id AS call_id, action, taken.amount_minor AS call_minor, request_id, correlation_id, traceparent, attempts, payment.*
      FROM taken CROSS JOIN LATERAL (SELECT * FROM payments WHERE id = taken.payment_id LIMIT 1) AS payment`,
  );
  return rows.map((row) => ({
    ...toProviderCall({ ...row, id: row.call_id, payment_id: row.id, amount_minor: row.call_minor }),
    payment: toPaymentRecord(row),
  }));
}

export async function hasOpenReversal(transaction: SqlTransaction, paymentId: string): Promise<boolean> {
  const rows = await transaction.query(
    sql`SELECT id FROM provider_calls WHERE payment_id = ${paymentId}::uuid AND action = 'REVERSE' AND next_attempt_at IS NOT NULL LIMIT 1`,
  );
  return rows.length > 0;
}

export async function postponeProviderCall(
  transaction: SqlTransaction,
  id: string,
  waitMs: number,
): Promise<void> {
  await transaction.defer(
    sql`UPDATE provider_calls SET next_attempt_at = now() + make_interval(secs => ${waitMs / 1000}::float8) WHERE id = ${id}::uuid AND next_attempt_at IS NOT NULL`,
  );
}

export async function paymentOfCall(transaction: SqlTransaction, id: string): Promise<string | null> {
  const [row] = await transaction.query<{ payment_id: string }>(
    sql`SELECT payment_id FROM provider_calls WHERE id = ${id}::uuid AND next_attempt_at IS NOT NULL`,
  );
  return row?.payment_id ?? null;
}

export async function endProviderCall(transaction: SqlTransaction, id: string): Promise<EndedCall | null> {
  const [row] = await transaction.query<ProviderCallSqlRow & { is_followed: boolean }>(
    sql`UPDATE provider_calls ended SET next_attempt_at = NULL WHERE id = ${id}::uuid AND next_attempt_at IS NOT NULL
      RETURNING *, EXISTS (
        SELECT FROM provider_calls later WHERE later.payment_id = ended.payment_id AND later.sequence > ended.sequence AND later.next_attempt_at IS NOT NULL
      ) AS is_followed`,
  );
  return row ? { ...toProviderCall(row), isFollowed: row.is_followed } : null;
}

type TakenCallSqlColumns = Pick<
  ProviderCallSqlRow,
  "action" | "request_id" | "correlation_id" | "traceparent" | "attempts"
> & { readonly call_id: string; readonly call_minor: string };

interface ProviderCallSqlRow {
  id: string;
  payment_id: string;
  action: WantedAction;
  amount_minor: string;
  request_id: string | null;
  correlation_id: string;
  traceparent: string | null;
  attempts: number;
}

function toProviderCall(row: ProviderCallSqlRow): ProviderCall {
  return {
    id: row.id,
    paymentId: row.payment_id,
    action: row.action,
    amountMinor: Number(row.amount_minor),
    requestId: row.request_id,
    correlationId: row.correlation_id,
    traceparent: row.traceparent,
    attempts: row.attempts,
  };
}
