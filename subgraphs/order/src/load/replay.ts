import type { ClientBase } from "pg";
import type { OrderLine } from "../domain/order-events.ts";
import { readOrderEvent } from "../domain/order-events.ts";
import { fold, type OrderState } from "../domain/order-state.ts";
import { lineColumns, orderColumns, lineValues, orderValues } from "./order-tables.ts";

/** An order whose row or lines are not what its events make. */
export interface ReplayDifference {
  readonly orderId: string;
  readonly number: string;
  /** What differs, such as `status is CANCELLED, and its events give CONFIRMED`. */
  readonly what: readonly string[];
  /** Whether the row was written anew; never where events are missing or do not follow one another. */
  readonly isRebuilt: boolean;
}

export interface ReplayResult {
  readonly orders: number;
  readonly differing: number;
  readonly rebuilt: number;
}

export interface ReplayOptions {
  /** Only compares. */
  readonly checkOnly: boolean;
  readonly onDifference: (difference: ReplayDifference) => void;
  /** Called after each page. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Orders that are read and compared together: what memory holds of them at once. */
const PAGE = 500;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly number: string };

/**
 * Folds the events of each order, and compares what they make with its row and its lines (A4). Where they differ, and
 * the events are whole, the row and the lines are written anew. It may run beside the services: a page is read in one
 * snapshot, and an order is locked while it is written.
 *
 * @param client with no transaction open
 */
export async function replayOrders(client: ClientBase, options: ReplayOptions): Promise<ReplayResult> {
  const [counted] = (await client.query<{ count: string }>("SELECT count(*) FROM orders")).rows;
  const total = Number(counted?.count ?? 0);
  const result = { orders: 0, differing: 0, rebuilt: 0 };
  for (let after = FIRST_ID; ;) {
    const page = await inSnapshot(client, () => readPage(client, after));
    const last = page.at(-1);
    if (last === undefined) return result;
    after = last.row.id;
    for (const order of page) {
      const found = compare(order);
      if (found.what.length === 0) continue;
      const isRebuilt = !options.checkOnly && (await rebuild(client, order.row.id));
      result.differing += 1;
      if (isRebuilt) result.rebuilt += 1;
      const { id: orderId, number } = order.row;
      options.onDifference({ orderId, number, what: found.what, isRebuilt });
    }
    result.orders += page.length;
    options.onProgress?.(result.orders, Math.max(total, result.orders));
  }
}

interface StoredParts {
  readonly row: Row;
  readonly events: readonly StoredEvent[];
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

interface StoredEvent {
  readonly order_id: string;
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
  readonly occurred_at: Date;
}

async function inSnapshot<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return await work();
  } finally {
    await client.query("ROLLBACK");
  }
}

async function readPage(client: ClientBase, after: string): Promise<StoredParts[]> {
  const { rows } = await client.query<Row>("SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT $2", [
    after,
    PAGE,
  ]);
  return withParts(client, rows);
}

async function withParts(client: ClientBase, rows: readonly Row[]): Promise<StoredParts[]> {
  const ids = rows.map(({ id }) => id);
  const events = await client.query<StoredEvent>(
    "SELECT order_id, version, type, data, occurred_at FROM order_events WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, version",
    [ids],
  );
  const lines = await client.query<Record<string, unknown>>(
    "SELECT * FROM order_lines WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, line_number",
    [ids],
  );
  const eventsOf = Map.groupBy(events.rows, ({ order_id: id }) => id);
  const linesOf = Map.groupBy(lines.rows, ({ order_id: id }) => id);
  return rows.map((row) => ({ row, events: eventsOf.get(row.id) ?? [], lines: linesOf.get(row.id) ?? [] }));
}

/** What differs; the state is null where the events make none. */
function compare({ row, events, lines }: StoredParts): { state: OrderState | null; what: string[] } {
  let state: OrderState | null;
  try {
    state = fold(
      events.map(({ order_id: orderId, version, type, data, occurred_at: occurredAt }) =>
        readOrderEvent({ orderId, version, type, data, occurredAt }),
      ),
    );
  } catch (error) {
    // An event that does not follow the one before, or that nobody knows: the domain says which.
    return { state: null, what: [(error as Error).message.replace(` of order ${row.id}`, "")] };
  }
  if (state === null) return { state, what: ["it has no events"] };
  return {
    state,
    what: [...differences(orderColumns, orderValues(state), row), ...lineDifferences(state, lines)],
  };
}

function lineDifferences(state: OrderState, lines: readonly Readonly<Record<string, unknown>>[]): string[] {
  if (lines.length !== state.lines.length)
    return [`it has ${lines.length} lines, and its events give ${state.lines.length}`];
  return state.lines.flatMap((line: OrderLine, index) =>
    differences(lineColumns, lineValues(state.id, line), lines[index] ?? {}).map(
      (what) => `line ${line.lineNumber}: ${what}`,
    ),
  );
}

function differences(
  columns: readonly string[],
  values: readonly unknown[],
  row: Readonly<Record<string, unknown>>,
): string[] {
  return columns.flatMap((column, index) => {
    const [stored, folded] = [asText(row[column]), asText(values[index])];
    return stored === folded ? [] : [`${column} is ${stored}, and its events give ${folded}`];
  });
}

function asText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

async function rebuild(client: ClientBase, id: string): Promise<boolean> {
  await client.query("BEGIN");
  try {
    const { rows } = await client.query<Row>("SELECT * FROM orders WHERE id = $1 FOR UPDATE", [id]);
    const [order] = await withParts(client, rows);
    const { state, what } = order ? compare(order) : { state: null, what: [] };
    if (state !== null && what.length > 0) await write(client, state);
    await client.query("COMMIT");
    return state !== null;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

async function write(client: ClientBase, state: OrderState): Promise<void> {
  const settings = orderColumns.map((column, index) => `${column} = $${index + 1}`).join(", ");
  await client.query(`UPDATE orders SET ${settings} WHERE id = $1`, orderValues(state));
  await client.query("DELETE FROM order_lines WHERE order_id = $1", [state.id]);
  const places = lineColumns.map((_, index) => `$${index + 1}`).join(", ");
  for (const line of state.lines) {
    await client.query(
      `INSERT INTO order_lines (${lineColumns.join(", ")}) VALUES (${places})`,
      lineValues(state.id, line),
    );
  }
}
