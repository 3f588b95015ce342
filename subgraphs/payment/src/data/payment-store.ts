import { joinSql, sql } from "@tributary/subgraph-kit";
import { withLedger } from "../domain/ledger.ts";
import type { Payment } from "../domain/payment.ts";
import type { VisiblePayments } from "../domain/visibility.ts";
import type { Prisma } from "../generated/prisma/client.ts";
import { visibilityConditions } from "./payment-conditions.ts";
import { toLedgerEntry, toPaymentRecord, type PaymentSqlRow } from "./payment-rows.ts";

/**
 * Reads a payment with its ledger and keeps others from changing it until the transaction ends.
 *
 * @param id a UUID
 * @returns null where there is no such payment, or none that the caller may see
 * @throws {PaymentError} BROKEN_LEDGER
 */
export async function lockPayment(
  transaction: Prisma.TransactionClient,
  id: string,
  visible: VisiblePayments,
): Promise<Payment | null> {
  const conditions = joinSql([sql`id = ${id}::text::uuid`, ...visibilityConditions(visible)], " AND ");
  const [row] = await transaction.$queryRaw<PaymentSqlRow[]>(
    sql`SELECT * FROM payments WHERE ${conditions} FOR UPDATE`,
  );
  if (!row) return null;
  const record = toPaymentRecord(row);
  const ledger = await transaction.ledgerEntry.findMany({
    where: { paymentId: id },
    orderBy: { sequence: "asc" },
  });
  return withLedger(
    record,
    ledger.map((entry) => toLedgerEntry(entry, record)),
  );
}

/**
 * Writes what a command has made of a payment: its row, and the entries that its ledger did not have before.
 *
 * @param before as `lockPayment` gave it in the same transaction
 */
export async function savePayment(
  transaction: Prisma.TransactionClient,
  before: Payment,
  after: Payment,
): Promise<void> {
  const { count } = await transaction.payment.updateMany({
    where: { id: before.id, version: before.version },
    data: {
      status: after.status,
      capturedMinor: BigInt(after.captured.amountMinor),
      refundedMinor: BigInt(after.refunded.amountMinor),
      declineReason: after.declineReason,
      capturedAt: after.capturedAt,
      version: after.version,
      updatedAt: after.updatedAt,
    },
  });
  if (count !== 1) throw new Error(`payment ${before.id} was changed by another while it was locked`);
  await transaction.ledgerEntry.createMany({
    data: after.ledger.slice(before.ledger.length).map(({ sequence, type, amount, reason, occurredAt }) => ({
      paymentId: after.id,
      sequence,
      type,
      amountMinor: BigInt(amount.amountMinor),
      reason,
      occurredAt,
    })),
  });
}
