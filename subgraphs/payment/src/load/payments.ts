import type { CopyPart, CopyValue, LoadMode, LoadResult, Rows, Standing } from "@tributary/bulk";
import { chooseMode, copyRows, createStaging, fillTables, readStanding } from "@tributary/bulk";
import { announceLoad } from "@tributary/channels";
import { sqlOfPg } from "@tributary/messaging";
import { requireCurrency } from "@tributary/subgraph-kit/money";
import type { ClientBase } from "pg";

/** A payment and its ledger. Amounts are minor units of the currency, above zero. */
export interface LoadedPayment {
  readonly id: string;
  readonly customerId: string;
  /** Null for a payment on account. */
  readonly orderId: string | null;
  readonly reference: string | null;
  readonly status:
    "REQUESTED" | "AUTHORISED" | "CAPTURED" | "PARTIALLY_REFUNDED" | "REFUNDED" | "DECLINED" | "VOIDED";
  readonly method: "CARD" | "CHEQUE" | "TRANSFER";
  readonly amountMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly declineReason: string | null;
  readonly requestedAt: Date;
  readonly capturedAt: Date | null;
  readonly version: number;
  readonly updatedAt: Date;
  /** Oldest first: the entry's sequence is its place here, from 1. */
  readonly ledger: readonly LoadedLedgerEntry[];
}

export interface LoadedLedgerEntry {
  readonly type: "AUTHORISATION" | "CAPTURE" | "REFUND" | "VOID";
  readonly amountMinor: number;
  readonly reason: string | null;
  readonly occurredAt: Date;
}

const paymentColumns = (
  "id customer_id order_id reference status method amount_minor captured_minor refunded_minor currency " +
  "decline_reason requested_at captured_at version updated_at"
).split(" ");
const ledgerColumns = "payment_id sequence type amount_minor reason occurred_at".split(" ");

/**
 * Loads payments and their ledgers. Of a payment that is there already nothing is touched or added.
 *
 * @param client a client in a transaction, which this neither begins nor ends
 * @throws {RangeError} where a currency is none; {LoadError} where a `fill` finds payments; the database's errors, such as a second payment for an order
 */
export async function loadPayments(
  client: ClientBase,
  payments: Rows<LoadedPayment>,
  mode: LoadMode = "merge",
): Promise<LoadResult> {
  const result = await insert(client, payments, mode);
  if (result.inserted > 0) await announceLoad(sqlOfPg(client), "payment.events", "payments");
  return result;
}

async function insert(
  client: ClientBase,
  payments: Rows<LoadedPayment>,
  mode: LoadMode,
): Promise<LoadResult> {
  if ((await chooseMode(client, "payments", mode)) === "fill") {
    const [inserted = 0] = await fillTables(client, { parts: parts(""), items: payments });
    return { inserted, unchanged: 0 };
  }
  for (const table of ["payments", "ledger_entries"]) await createStaging(client, table);
  const [given = 0] = await copyRows(client, { parts: parts("staged_"), items: payments });
  // A payment that was there may have moved on by now: only new ones get their ledger.
  await client.query("CREATE TEMPORARY TABLE new_payments (id uuid PRIMARY KEY) ON COMMIT DROP");
  const { rowCount } = await client.query(
    `WITH inserted AS (
       INSERT INTO payments SELECT * FROM staged_payments ON CONFLICT (id) DO NOTHING RETURNING id
     ) INSERT INTO new_payments SELECT id FROM inserted`,
  );
  await client.query(
    `INSERT INTO ledger_entries SELECT s.* FROM staged_ledger_entries s JOIN new_payments ON id = payment_id`,
  );
  await client.query("DROP TABLE new_payments");
  return { inserted: rowCount ?? 0, unchanged: given - (rowCount ?? 0) };
}

/** How payments stand, and what the ledgers of the standing ones say was captured, in minor units. */
export interface PaymentStanding extends Standing {
  readonly ledgerCaptures: number;
  readonly ledgerCapturedMinor: bigint;
}

/** How the payments of the last `merge` stand. Amounts are what was asked for, which nothing changes. */
export async function reconcilePayments(client: ClientBase): Promise<PaymentStanding> {
  const standing = await readStanding(
    client,
    `SELECT coalesce(s.reference, s.id::text) AS key, t.id IS NOT NULL AS standing,
            coalesce(t.version > s.version, false) AS changed,
            s.amount_minor AS given_minor, t.amount_minor AS standing_minor,
            (t.customer_id, t.order_id, t.reference, t.method, t.amount_minor, t.currency, t.requested_at)
            IS DISTINCT FROM
            (s.customer_id, s.order_id, s.reference, s.method, s.amount_minor, s.currency, s.requested_at)
            OR t.version <= s.version AND
               (t.status, t.captured_minor, t.refunded_minor, t.captured_at)
               IS DISTINCT FROM (s.status, s.captured_minor, s.refunded_minor, s.captured_at)
            OR (coalesce(l.captured, 0), coalesce(l.refunded, 0))
               IS DISTINCT FROM (t.captured_minor, t.refunded_minor) AS differs
       FROM staged_payments s LEFT JOIN payments t USING (id)
       LEFT JOIN (SELECT payment_id, sum(amount_minor) FILTER (WHERE type = 'CAPTURE') AS captured,
                         sum(amount_minor) FILTER (WHERE type = 'REFUND') AS refunded
                    FROM ledger_entries WHERE payment_id IN (SELECT id FROM staged_payments)
                   GROUP BY payment_id) l ON l.payment_id = t.id`,
  );
  const { rows } = await client.query<{ captures: string; minor: string }>(
    `SELECT count(*) AS captures, coalesce(sum(amount_minor), 0) AS minor
       FROM ledger_entries WHERE type = 'CAPTURE' AND payment_id IN (SELECT id FROM staged_payments)`,
  );
  return {
    ...standing,
    ledgerCaptures: Number(rows[0]!.captures),
    ledgerCapturedMinor: BigInt(rows[0]!.minor),
  };
}

function parts(prefix: string): CopyPart<LoadedPayment>[] {
  return [
    { table: `${prefix}payments`, columns: paymentColumns, rows: paymentValues },
    { table: `${prefix}ledger_entries`, columns: ledgerColumns, rows: ledgerValues },
  ];
}

function* paymentValues(payment: LoadedPayment): Iterable<CopyValue[]> {
  yield [
    payment.id,
    payment.customerId,
    payment.orderId,
    payment.reference,
    payment.status,
    payment.method,
    payment.amountMinor,
    payment.capturedMinor,
    payment.refundedMinor,
    requireCurrency(payment.currency),
    payment.declineReason,
    payment.requestedAt,
    payment.capturedAt,
    payment.version,
    payment.updatedAt,
  ];
}

function* ledgerValues(payment: LoadedPayment): Iterable<CopyValue[]> {
  for (const [index, entry] of payment.ledger.entries()) {
    yield [payment.id, index + 1, entry.type, entry.amountMinor, entry.reason, entry.occurredAt];
  }
}
