import {
  countsSql,
  countSql,
  pagesSql,
  pageSql,
  sql,
  joinSql,
  type Connection,
  type KeysetSource,
  type Ordering,
  type PageRequest,
  type Sql,
} from "@tributary/subgraph-kit";
import type { OrderRow } from "../domain/order-state.ts";
import type { OrderFigures } from "../domain/order-summary.ts";
import type { OrderStatus } from "../domain/order-status.ts";
import type { VisibleOrders } from "../domain/visibility.ts";
import type { Database } from "./database.ts";
import { filterConditions, visibilityConditions, type OrderFilter } from "./order-conditions.ts";
import { toOrderRow, type OrderSqlRow } from "./order-rows.ts";

/** A page of orders, as the resolvers of its type read it. */
export type OrderConnectionSource = Connection<OrderRow>;

/** Which page of which orders. */
export interface OrderQuery {
  readonly page: PageRequest;
  readonly filter: OrderFilter | null;
}

/** The orders that lists can be read in. */
export const ORDERINGS = {
  PLACED_AT: { name: "PLACED_AT", column: "placed_at", type: "timestamptz" },
  TOTAL: { name: "TOTAL", column: "total_minor", type: "bigint" },
} as const satisfies Record<string, Omit<Ordering, "direction">>;

/**
 * Reads rows of `orders` that one caller may see: each function sends one statement, however many keys it gets, and
 * gives nothing of what the caller may not see. Keys are ids in lower case.
 */
export interface OrderQueries {
  readonly byIds: (ids: readonly string[]) => Promise<Map<string, OrderRow>>;
  readonly byNumbers: (numbers: readonly string[]) => Promise<Map<string, OrderRow>>;
  /** One more than the page holds, where there is one more. */
  readonly page: (query: OrderQuery) => Promise<OrderRow[]>;
  readonly count: (filter: OrderFilter | null) => Promise<number>;
  /** The same page for each customer; those without orders are left out. */
  readonly pagesOf: (customerIds: readonly string[], query: OrderQuery) => Promise<Map<string, OrderRow[]>>;
  readonly countsOf: (
    customerIds: readonly string[],
    filter: OrderFilter | null,
  ) => Promise<Map<string, number>>;
  /** For each customer, figures by status and currency. */
  readonly figuresOf: (customerIds: readonly string[]) => Promise<Map<string, OrderFigures[]>>;
}

export function createOrderQueries({ prisma }: Database, visible: VisibleOrders): OrderQueries {
  const sourceOf = (filter: OrderFilter | null): KeysetSource => ({
    table: "orders",
    where: [...visibilityConditions(visible), ...filterConditions(filter)],
  });
  const orders = async (statement: Sql) => (await prisma.$queryRaw<OrderSqlRow[]>(statement)).map(toOrderRow);
  const ordersWhere = (condition: Sql) =>
    orders(
      sql`SELECT * FROM orders WHERE ${joinSql([condition, ...visibilityConditions(visible)], " AND ")}`,
    );

  return {
    async byIds(ids) {
      return keyed(await ordersWhere(sql`id = ANY(${[...ids]}::uuid[])`), ({ id }) => id);
    },
    async byNumbers(numbers) {
      return keyed(await ordersWhere(sql`number = ANY(${[...numbers]}::text[])`), ({ number }) => number);
    },
    page({ page, filter }) {
      return orders(pageSql(sourceOf(filter), page));
    },
    async count(filter) {
      const [row] = await prisma.$queryRaw<{ count: bigint }[]>(countSql(sourceOf(filter)));
      return Number(row?.count ?? 0);
    },
    async pagesOf(customerIds, { page, filter }) {
      const statement = pagesSql(sourceOf(filter), page, { column: "customer_id", ids: customerIds });
      return Map.groupBy(await orders(statement), ({ customerId }) => customerId);
    },
    async countsOf(customerIds, filter) {
      const statement = countsSql(sourceOf(filter), { column: "customer_id", ids: customerIds });
      const rows = await prisma.$queryRaw<{ parent_id: string; count: bigint }[]>(statement);
      return new Map(rows.map(({ parent_id, count }) => [parent_id, Number(count)]));
    },
    async figuresOf(customerIds) {
      const rows = await prisma.$queryRaw<FiguresSqlRow[]>(
        sql`SELECT customer_id, currency, status, count(*) AS count, sum(total_minor)::bigint AS total_minor, min(placed_at) AS first_placed_at, max(placed_at) AS last_placed_at FROM orders WHERE ${joinSql([sql`customer_id = ANY(${[...customerIds]}::uuid[])`, ...visibilityConditions(visible)], " AND ")} GROUP BY customer_id, status, currency`,
      );
      const grouped = Map.groupBy(rows, ({ customer_id }) => customer_id);
      return new Map([...grouped].map(([customerId, ofCustomer]) => [customerId, ofCustomer.map(toFigures)]));
    },
  };
}

interface FiguresSqlRow {
  customer_id: string;
  currency: string;
  status: OrderStatus;
  count: bigint;
  total_minor: bigint;
  first_placed_at: Date;
  last_placed_at: Date;
}

function toFigures(row: FiguresSqlRow): OrderFigures {
  return {
    currency: row.currency,
    status: row.status,
    count: Number(row.count),
    totalMinor: Number(row.total_minor),
    firstPlacedAt: row.first_placed_at,
    lastPlacedAt: row.last_placed_at,
  };
}

function keyed<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
