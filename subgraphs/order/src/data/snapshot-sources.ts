import type { SnapshotItem, SnapshotSource } from "@tributary/channels";
import { sql } from "@tributary/subgraph-kit";
import type { OrderLine } from "../domain/order-events.ts";
import { messageLines, orderMessageData } from "../domain/order-messages.ts";
import { toOrderRow, type OrderSqlRow } from "./order-rows.ts";

const NO_ID = "00000000-0000-0000-0000-000000000000";
/** One more than a message carries says nothing more than that there are more, which the count does. */
const MOST_LINES = 500;

/** Reads orders as their events tell of them, lines included. Lines never change, so a statement of their own will do. */
const orders: SnapshotSource = async (transaction, after, limit) => {
  const rows = await transaction.query<OrderSqlRow>(
    sql`SELECT * FROM orders WHERE id > ${after ?? NO_ID}::uuid ORDER BY id LIMIT ${limit}`,
  );
  const lines = await transaction.query<{ orderId: string; count: number; lines: OrderLine[] | null }>(
    sql`SELECT id AS "orderId", (SELECT count(*)::int FROM order_lines WHERE order_id = id) AS count, (
      SELECT json_agg(line ORDER BY line."lineNumber") FROM (
        SELECT line_number AS "lineNumber", product_code AS "productCode", product_name AS "productName", quantity, unit_price_minor AS "unitPriceMinor"
        FROM order_lines WHERE order_id = id ORDER BY line_number LIMIT ${MOST_LINES}
      ) AS line
    ) AS lines FROM unnest(${rows.map(({ id }) => id)}::uuid[]) AS id`,
  );
  const linesOf = new Map(lines.map((each) => [each.orderId, each]));
  return rows.map((row): SnapshotItem => {
    const order = toOrderRow(row);
    const own = linesOf.get(order.id);
    return {
      aggregateType: "order",
      aggregateId: order.id,
      aggregateVersion: order.version,
      occurredAt: order.updatedAt.toISOString(),
      data: { ...orderMessageData(order), ...messageLines(own?.lines ?? []), lineCount: own?.count ?? 0 },
    };
  });
};

/** What others may ask for pages of, by name. */
export const snapshotSources = { orders };
