import type { SnapshotItem, SnapshotSource } from "@tributary/channels";
import { sql } from "@tributary/subgraph-kit";
import { MOST_REFUNDS, paymentMessageData } from "../domain/payment-messages.ts";
import { toLedgerEntry, toPaymentRecord, type LedgerEntryRow, type PaymentSqlRow } from "./payment-rows.ts";

const NO_ID = "00000000-0000-0000-0000-000000000000";

type StoredRefund = Omit<LedgerEntryRow, "occurredAt"> & { readonly occurredAt: string };

/** Reads payments as their last event told of them. In one statement, so that row and refunds are of one moment. */
const payments: SnapshotSource = async (transaction, after, limit) => {
  const rows = await transaction.query<
    PaymentSqlRow & { readonly refunds: StoredRefund[] | null; readonly refund_count: number }
  >(
    sql`SELECT payments.*, (
      SELECT json_agg(entry ORDER BY entry.sequence) FROM (
        SELECT payment_id AS "paymentId", sequence, type, amount_minor::text AS "amountMinor", reason, occurred_at AS "occurredAt"
        FROM ledger_entries WHERE payment_id = payments.id AND type = 'REFUND' ORDER BY sequence DESC LIMIT ${MOST_REFUNDS}
      ) AS entry
    ) AS refunds, (SELECT count(*)::int FROM ledger_entries WHERE payment_id = payments.id AND type = 'REFUND') AS refund_count
    FROM payments WHERE id > ${after ?? NO_ID}::uuid ORDER BY id LIMIT ${limit}`,
  );
  return rows.map((row): SnapshotItem => {
    const payment = toPaymentRecord(row);
    const refunds = (row.refunds ?? []).map((refund) =>
      toLedgerEntry({ ...refund, occurredAt: new Date(refund.occurredAt) }, payment),
    );
    return {
      aggregateType: "payment",
      aggregateId: payment.id,
      aggregateVersion: payment.version,
      occurredAt: payment.updatedAt.toISOString(),
      data: paymentMessageData(payment, refunds, row.refund_count),
    };
  });
};

/** What others may ask for pages of, by name. */
export const snapshotSources = { payments };
