import { writeMessages, type SqlTransaction } from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { CustomerStatus } from "../domain/customer.ts";
import type { ReservationRecord, ReservationRefusal } from "../domain/reservation.ts";
import type { CreditDecision, CreditStore, ReservationRequest } from "./credit-store.ts";

/** Creates the store of a transaction of the context's own database. */
export function createCreditStore(transaction: SqlTransaction): CreditStore {
  return {
    async lockCustomer(id) {
      const [row] = await transaction.query<{
        status: CustomerStatus;
        limit_minor: string;
        currency: string;
      }>(
        sql`SELECT status, credit_limit_minor AS limit_minor, currency FROM customers WHERE id = ${id}::uuid FOR NO KEY UPDATE`,
      );
      if (!row) return null;
      return {
        status: row.status,
        creditLimit: { amountMinor: Number(row.limit_minor), currency: row.currency },
      };
    },
    readDecision: (request) => readDecision(transaction, request),
    async hold({ orderId, customerId, amount }) {
      await transaction.defer(
        sql`INSERT INTO credit_reservations (order_id, customer_id, amount_minor, currency, created_at, updated_at) VALUES (${orderId}, ${customerId}, ${amount.amountMinor}, ${amount.currency}, clock_timestamp(), clock_timestamp())`,
      );
    },
    async endHold(orderId, status) {
      const [row] = await transaction.query<{ version: number }>(
        sql`UPDATE credit_reservations SET status = ${status}::"CreditReservationStatus", version = version + 1, updated_at = clock_timestamp() WHERE order_id = ${orderId}::uuid RETURNING version`,
      );
      return row?.version ?? 0;
    },
    async refuse({ orderId, customerId }, reason) {
      await transaction.defer(
        sql`INSERT INTO refused_reservations (order_id, customer_id, reason) VALUES (${orderId}, ${customerId}, ${reason}) ON CONFLICT DO NOTHING`,
      );
    },
    send: (messages) => writeMessages(transaction, messages),
  };
}

async function readDecision(
  transaction: SqlTransaction,
  { orderId, customerId }: ReservationRequest,
): Promise<CreditDecision> {
  const [row] = await transaction.query<{
    status: ReservationRecord["status"] | null;
    version: number | null;
    refusal: ReservationRefusal | null;
    held: { currency: string; sum: string }[] | null;
  }>(
    sql`SELECT r.status, r.version, f.reason AS refusal,
      (SELECT json_agg(sums) FROM (SELECT currency, sum(amount_minor)::text AS sum FROM credit_reservations WHERE customer_id = ${customerId}::uuid AND status = 'HELD' GROUP BY currency) AS sums) AS held
      FROM (SELECT ${orderId}::uuid AS order_id) AS asked
      LEFT JOIN credit_reservations r USING (order_id) LEFT JOIN refused_reservations f USING (order_id)`,
  );
  return {
    status: row?.status ?? null,
    version: row?.version ?? 0,
    refusal: row?.refusal ?? null,
    held: (row?.held ?? []).map(({ currency, sum }) => ({ amountMinor: Number(sum), currency })),
  };
}
