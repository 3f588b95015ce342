import type { CopyPart, CopyValue, LoadMode, LoadResult, Rows, Standing } from "@tributary/bulk";
import { chooseMode, copyRows, createStaging, fillTables, readStanding } from "@tributary/bulk";
import { announceLoad } from "@tributary/channels";
import { sqlOfPg } from "@tributary/messaging";
import { requireCurrency } from "@tributary/subgraph-kit/money";
import type { ClientBase } from "pg";
import type { OrderEvent } from "../domain/order-events.ts";
import type { OrderState } from "../domain/order-state.ts";
import { fold } from "../domain/order-state.ts";
import { lineColumns, lineValues, orderColumns, orderValues } from "./order-tables.ts";

/** An event with the id that it is stored under. */
export type LoadedOrderEvent = OrderEvent & { readonly id: string };

/** All events of one order, oldest first. Its row and its lines are folded from them here, so that they cannot differ. */
export type LoadedOrder = readonly LoadedOrderEvent[];

const eventColumns = "order_id version id type data occurred_at".split(" ");

interface FoldedOrder {
  readonly state: OrderState;
  readonly events: LoadedOrder;
}

export interface OrderLoadResult extends LoadResult {
  readonly insertedLines: number;
}

/**
 * Loads orders: rows, lines and events. Of an order that is there already nothing is touched or added.
 *
 * @param client a client in a transaction, which this neither begins nor ends
 * @throws {RangeError} where a currency is none; {OrderError | MoneyError} where events do not fold; {LoadError} where a `fill` finds orders; the database's
 *   errors, such as a number that another order has
 */
export async function loadOrders(
  client: ClientBase,
  orders: Rows<LoadedOrder>,
  mode: LoadMode = "merge",
): Promise<OrderLoadResult> {
  const result = await insert(client, orders, mode);
  if (result.inserted > 0) await announceLoad(sqlOfPg(client), "order.events", "orders");
  return result;
}

async function insert(
  client: ClientBase,
  orders: Rows<LoadedOrder>,
  mode: LoadMode,
): Promise<OrderLoadResult> {
  if ((await chooseMode(client, "orders", mode)) === "fill") {
    const [inserted = 0, insertedLines = 0] = await fillTables(client, {
      parts: parts(""),
      items: folded(orders),
    });
    return { inserted, unchanged: 0, insertedLines };
  }
  for (const table of ["orders", "order_lines", "order_events"]) await createStaging(client, table);
  const [given = 0] = await copyRows(client, { parts: parts("staged_"), items: folded(orders) });
  // An order that was there may have other lines or more events by now: only new ones get theirs.
  await client.query("CREATE TEMPORARY TABLE new_orders (id uuid PRIMARY KEY) ON COMMIT DROP");
  const { rowCount } = await client.query(
    `WITH inserted AS (
       INSERT INTO orders SELECT * FROM staged_orders ON CONFLICT (id) DO NOTHING RETURNING id
     ) INSERT INTO new_orders SELECT id FROM inserted`,
  );
  const lines = await client.query(
    `INSERT INTO order_lines SELECT s.* FROM staged_order_lines s JOIN new_orders ON id = order_id`,
  );
  await client.query(
    `INSERT INTO order_events SELECT s.* FROM staged_order_events s JOIN new_orders n ON n.id = s.order_id`,
  );
  await client.query("DROP TABLE new_orders");
  return {
    inserted: rowCount ?? 0,
    unchanged: given - (rowCount ?? 0),
    insertedLines: lines.rowCount ?? 0,
  };
}

/** How orders stand, and their lines: what the lines of the standing orders add up to, in minor units. */
export interface OrderStanding extends Standing {
  readonly lines: number;
  readonly linesMinor: bigint;
}

/** How the orders of the last `merge` stand. Amounts are totals, which no event changes. */
export async function reconcileOrders(client: ClientBase): Promise<OrderStanding> {
  const standing = await readStanding(
    client,
    `SELECT s.number AS key, t.id IS NOT NULL AS standing, coalesce(t.version > s.version, false) AS changed,
            s.total_minor AS given_minor, t.total_minor AS standing_minor,
            (t.number, t.customer_id, t.payment_terms, t.source_status, t.total_minor, t.currency, t.comments,
             t.placed_at, t.required_by)
            IS DISTINCT FROM
            (s.number, s.customer_id, s.payment_terms, s.source_status, s.total_minor, s.currency, s.comments,
             s.placed_at, s.required_by)
            OR t.version <= s.version AND (t.status, t.fulfilled_at, t.rejection_reason)
               IS DISTINCT FROM (s.status, s.fulfilled_at, s.rejection_reason)
            OR l.total IS DISTINCT FROM t.total_minor OR e.count IS DISTINCT FROM t.version AS differs
       FROM staged_orders s LEFT JOIN orders t USING (id)
       LEFT JOIN (SELECT order_id, sum(quantity * unit_price_minor) AS total FROM order_lines
                   WHERE order_id IN (SELECT id FROM staged_orders) GROUP BY order_id) l ON l.order_id = t.id
       LEFT JOIN (SELECT order_id, count(*) FROM order_events
                   WHERE order_id IN (SELECT id FROM staged_orders) GROUP BY order_id) e ON e.order_id = t.id`,
  );
  const { rows } = await client.query<{ lines: string; minor: string }>(
    `SELECT count(*) AS lines, coalesce(sum(quantity * unit_price_minor), 0) AS minor
       FROM order_lines WHERE order_id IN (SELECT id FROM staged_orders)`,
  );
  return { ...standing, lines: Number(rows[0]!.lines), linesMinor: BigInt(rows[0]!.minor) };
}

async function* folded(orders: Rows<LoadedOrder>): AsyncIterable<FoldedOrder> {
  for await (const given of orders) {
    const events = given.map(withCurrency);
    const state = fold(events);
    if (state !== null) yield { state, events };
  }
}

/** The event with its currency as the databases write it. */
function withCurrency(event: LoadedOrderEvent): LoadedOrderEvent {
  if (event.type !== "OrderCreated") return event;
  return { ...event, data: { ...event.data, currency: requireCurrency(event.data.currency) } };
}

function parts(prefix: string): CopyPart<FoldedOrder>[] {
  return [
    { table: `${prefix}orders`, columns: orderColumns, rows: ({ state }) => [orderValues(state)] },
    {
      table: `${prefix}order_lines`,
      columns: lineColumns,
      rows: ({ state }) => state.lines.map((line) => lineValues(state.id, line)),
    },
    { table: `${prefix}order_events`, columns: eventColumns, rows: eventValues },
  ];
}

function* eventValues({ events }: FoldedOrder): Iterable<CopyValue[]> {
  for (const event of events) {
    yield [event.orderId, event.version, event.id, event.type, JSON.stringify(event.data), event.occurredAt];
  }
}
