import { randomUUID } from "node:crypto";
import type { ContextDatabase } from "@tributary/subgraph-testing";
import { ORDER_EVENT_TYPES } from "./domain/order-events.ts";
import { ORDER_STATUSES } from "./domain/order-status.ts";

/** An order as the tests put it into the tables, and know it. */
export interface TestOrder {
  id: string;
  number: string;
  customer_id: string;
  status: string;
  payment_terms: string;
  source_status: string | null;
  total_minor: number;
  currency: string;
  comments: string | null;
  placed_at: string;
  required_by: string | null;
  fulfilled_at: string | null;
  version: number;
  updated_at: string;
}

/** How many events each of the orders has. */
const EVENTS = ORDER_EVENT_TYPES.length;

const DAY_MS = 86_400_000;

/**
 * Makes a customer's orders. Moments and totals repeat, so that lists have ties for the id to part; every status
 * occurs from nine orders on; each fourth order is in EUR.
 */
export function makeOrders(customerId: string, prefix: string, count: number): TestOrder[] {
  return Array.from({ length: count }, (_, index) => {
    const placedAt = new Date(Date.UTC(2024, 0, 1, 12) + Math.floor((index * 7) % 5) * DAY_MS).toISOString();
    const status = ORDER_STATUSES[index % ORDER_STATUSES.length]!;
    return {
      id: randomUUID(),
      number: `${prefix}-${index}`,
      customer_id: customerId,
      status,
      payment_terms: index % 2 === 0 ? "PREPAID" : "ON_ACCOUNT",
      source_status: index % 3 === 0 ? "Shipped" : null,
      total_minor: 1_000 + ((index * 3) % 7) * 250,
      currency: index % 4 === 3 ? "EUR" : "USD",
      comments: index % 3 === 0 ? "as it was" : null,
      placed_at: placedAt,
      required_by: index % 2 === 0 ? "2024-02-01T00:00:00.000Z" : null,
      fulfilled_at: status === "FULFILLED" ? "2024-01-20T00:00:00.000Z" : null,
      version: EVENTS,
      updated_at: placedAt,
    };
  });
}

/** Puts orders into the tables, each with lines and one event of each type, in an order that is none. */
export async function insertOrders(database: ContextDatabase, orders: readonly TestOrder[]): Promise<void> {
  const lines = orders.flatMap((order) =>
    [3, 1, 2].map((lineNumber) => ({
      order_id: order.id,
      line_number: lineNumber,
      product_code: `P${lineNumber}`,
      product_name: `Product ${lineNumber}`,
      quantity: lineNumber * 10,
      unit_price_minor: 105 + lineNumber,
    })),
  );
  const events = orders.flatMap((order) =>
    ORDER_EVENT_TYPES.map((type, index) => ({
      order_id: order.id,
      version: index + 1,
      id: randomUUID(),
      type,
      data: {},
      occurred_at: new Date(Date.parse(order.placed_at) + index * 1000).toISOString(),
    })).toReversed(),
  );
  for (const [table, rows] of Object.entries({ orders, order_lines: lines, order_events: events })) {
    await database.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`, [
      JSON.stringify(rows),
    ]);
  }
}

/** The orders as a list has them: by what is picked, then by id. */
export function inOrder(
  orders: readonly TestOrder[],
  pick: (order: TestOrder) => string | number,
  direction: "ASC" | "DESC",
): TestOrder[] {
  const sign = direction === "ASC" ? 1 : -1;
  const compare = <Key extends string | number>(left: Key, right: Key) =>
    left < right ? -1 : left > right ? 1 : 0;
  return orders.toSorted(
    (left, right) => sign * (compare(pick(left), pick(right)) || compare(left.id, right.id)),
  );
}
