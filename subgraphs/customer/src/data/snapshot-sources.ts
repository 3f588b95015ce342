import type { SnapshotItem, SnapshotSource } from "@tributary/channels";
import { sql } from "@tributary/subgraph-kit";
import { customerMessageData } from "../domain/customer-messages.ts";
import { recordOfRow, type CustomerRow } from "./customer-rows.ts";

const NO_ID = "00000000-0000-0000-0000-000000000000";

/** Reads customers as their last event told of them. */
const customers: SnapshotSource = async (transaction, after, limit) => {
  const rows = await transaction.query<
    Omit<CustomerRow, "credit_limit_minor"> & { credit_limit_minor: string }
  >(sql`SELECT * FROM customers WHERE id > ${after ?? NO_ID}::uuid ORDER BY id LIMIT ${limit}`);
  return rows.map((row): SnapshotItem => {
    const customer = recordOfRow({ ...row, credit_limit_minor: BigInt(row.credit_limit_minor) });
    return {
      aggregateType: "customer",
      aggregateId: customer.id,
      aggregateVersion: customer.version,
      occurredAt: customer.updatedAt.toISOString(),
      data: customerMessageData(customer),
    };
  });
};

/** Reads reservations as their last event told of them. */
const reservations: SnapshotSource = async (transaction, after, limit) => {
  const rows = await transaction.query<{
    order_id: string;
    customer_id: string;
    amount_minor: string;
    currency: string;
    status: string;
    version: number;
    updated_at: Date;
  }>(
    sql`SELECT * FROM credit_reservations WHERE order_id > ${after ?? NO_ID}::uuid ORDER BY order_id LIMIT ${limit}`,
  );
  return rows.map((row): SnapshotItem => ({
    aggregateType: "credit-reservation",
    aggregateId: row.order_id,
    aggregateVersion: row.version,
    occurredAt: row.updated_at.toISOString(),
    data: {
      orderId: row.order_id,
      customerId: row.customer_id,
      amountMinor: Number(row.amount_minor),
      currency: row.currency,
      status: row.status,
    },
  }));
};

/** What others may ask for pages of, by name. */
export const snapshotSources = { customers, reservations };
