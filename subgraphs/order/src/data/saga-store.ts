import type { SqlTransaction } from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { OrderLine } from "../domain/order-events.ts";
import type { OrderRow } from "../domain/order-state.ts";
import type { Saga, SagaStep } from "../domain/saga.ts";
import { toOrderRow, type OrderSqlRow } from "./order-rows.ts";
import type { IdentifiedEvent, OrderWithSaga } from "./order-store.ts";

interface SagaSqlColumns {
  step: SagaStep | null;
  request_id: string | null;
  attempts: number;
  deadline: Date | null;
  traceparent: string | null;
}

type SagaSqlRow = OrderSqlRow & SagaSqlColumns;

const NO_SAGA: SagaSqlColumns = {
  step: null,
  request_id: null,
  attempts: 0,
  deadline: null,
  traceparent: null,
};

const columns = sql`orders.*, order_sagas.step, order_sagas.request_id, order_sagas.attempts, order_sagas.deadline, order_sagas.traceparent`;

export async function lockOrder(transaction: SqlTransaction, id: string): Promise<OrderWithSaga | null> {
  const [order] = await transaction.query<OrderSqlRow>(
    sql`SELECT * FROM orders WHERE id = ${id}::uuid FOR UPDATE`,
  );
  if (!order) return null;
  // A statement of its own: one that joins both would, after a wait for the lock, still see the saga as it was before.
  const [saga] = await transaction.query<SagaSqlColumns>(
    sql`SELECT step, request_id, attempts, deadline, traceparent FROM order_sagas WHERE order_id = ${id}::uuid`,
  );
  return toOrderWithSaga({ ...NO_SAGA, ...saga, ...order });
}

/** As {@link lockOrder}, in one statement. */
export async function lockOrderOfSaga(
  transaction: SqlTransaction,
  id: string,
): Promise<OrderWithSaga | null> {
  const [row] = await transaction.query<SagaSqlRow>(
    sql`SELECT ${columns} FROM orders JOIN order_sagas ON order_sagas.order_id = orders.id WHERE orders.id = ${id}::uuid FOR UPDATE OF orders, order_sagas`,
  );
  return row ? toOrderWithSaga(row) : null;
}

export async function lockOverdueOrders(
  transaction: SqlTransaction,
  at: Date,
  most: number,
): Promise<OrderWithSaga[]> {
  const rows = await transaction.query<SagaSqlRow>(
    sql`SELECT ${columns} FROM orders JOIN order_sagas ON order_sagas.order_id = orders.id WHERE order_sagas.deadline <= ${at} ORDER BY order_sagas.deadline LIMIT ${most} FOR UPDATE OF orders, order_sagas SKIP LOCKED`,
  );
  return rows.map(toOrderWithSaga);
}

/** In one statement, as a client waits for it. */
export async function insertOrder(
  transaction: SqlTransaction,
  order: OrderRow & { readonly lines: readonly OrderLine[] },
  { event, saga }: { readonly event: IdentifiedEvent; readonly saga: Saga },
): Promise<void> {
  const { lines } = order;
  await transaction.defer(
    sql`WITH new_order AS (
      INSERT INTO orders (id, number, customer_id, status, payment_terms, total_minor, currency, comments, placed_at, required_by, version, updated_at)
      VALUES (${order.id}, ${order.number}, ${order.customerId}, ${order.status}::"OrderStatus", ${order.paymentTerms}::"PaymentTerms", ${order.totalMinor}, ${order.currency}, ${order.comments}, ${order.placedAt}, ${order.requiredBy}, ${order.version}, ${order.updatedAt})
    ), new_lines AS (
      INSERT INTO order_lines (order_id, line_number, product_code, product_name, quantity, unit_price_minor)
      SELECT ${order.id}::uuid, * FROM unnest(${lines.map(({ lineNumber }) => lineNumber)}::int[], ${lines.map(({ productCode }) => productCode)}::text[], ${lines.map(({ productName }) => productName)}::text[], ${lines.map(({ quantity }) => quantity)}::int[], ${lines.map(({ unitPriceMinor }) => unitPriceMinor)}::bigint[])
    ), new_event AS (
      INSERT INTO order_events (order_id, version, id, type, data, occurred_at)
      VALUES (${order.id}, ${event.version}, ${event.id}, ${event.type}, ${JSON.stringify(event.data)}, ${event.occurredAt})
    )
    INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, traceparent, started_at, updated_at)
    VALUES (${order.id}, ${saga.step}::"SagaStep", ${saga.requestId}, ${saga.attempts}, ${saga.deadline}, ${saga.traceparent}, ${order.placedAt}, ${order.placedAt})`,
  );
}

/** In one statement. */
export async function saveOrder(
  transaction: SqlTransaction,
  { order, saga }: OrderWithSaga,
  {
    before,
    events,
    at,
  }: { readonly before: number; readonly events: readonly IdentifiedEvent[]; readonly at: Date },
): Promise<void> {
  const saved = await transaction.query(
    sql`WITH new_events AS (
      INSERT INTO order_events (order_id, version, id, type, data, occurred_at)
      SELECT ${order.id}::uuid, * FROM unnest(${events.map(({ version }) => version)}::int[], ${events.map(({ id }) => id)}::uuid[], ${events.map(({ type }) => type)}::text[], ${events.map(({ data }) => JSON.stringify(data))}::jsonb[], ${events.map(({ occurredAt }) => occurredAt)}::timestamptz[])
    ), saved_saga AS (
      INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, traceparent, started_at, updated_at)
      VALUES (${order.id}, ${saga.step}::"SagaStep", ${saga.requestId}, ${saga.attempts}, ${saga.deadline}, ${saga.traceparent}, ${at}, ${at})
      ON CONFLICT (order_id) DO UPDATE SET step = excluded.step, request_id = excluded.request_id, attempts = excluded.attempts, deadline = excluded.deadline, updated_at = excluded.updated_at
    )
    UPDATE orders SET status = ${order.status}::"OrderStatus", rejection_reason = ${order.rejectionReason}, fulfilled_at = ${order.fulfilledAt}, version = ${order.version}, updated_at = ${order.updatedAt}
    WHERE id = ${order.id}::uuid AND version = ${before} RETURNING id`,
  );
  if (saved.length !== 1) throw new Error(`order ${order.id} was changed by another while it was locked`);
}

function toOrderWithSaga(row: SagaSqlRow): OrderWithSaga {
  const { id: orderId, step, request_id: requestId, attempts, deadline, traceparent } = row;
  return {
    order: toOrderRow(row),
    saga: { orderId, step, requestId, attempts, deadline, traceparent },
  };
}
