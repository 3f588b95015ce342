import {
  createArgumentLoader,
  createLoader,
  toConnection,
  type LoadingOptions,
} from "@tributary/subgraph-kit";
import { parseId } from "../domain/identifier.ts";
import type { HistoryEntry } from "../domain/order-history.ts";
import type { PricedLine } from "../domain/order-lines.ts";
import type { OrderRow } from "../domain/order-state.ts";
import type { SagaProgress } from "../domain/saga.ts";
import { summariseOrders, type OrderSummary } from "../domain/order-summary.ts";
import { includes, type VisibleOrders } from "../domain/visibility.ts";
import type { Database } from "./database.ts";
import type { OrderFilter } from "./order-conditions.ts";
import { historyOfOrders, linesOfOrders, sagasOfOrders } from "./order-parts.ts";
import { createOrderQueries, type OrderConnectionSource, type OrderQuery } from "./order-queries.ts";

/**
 * Reads orders for one request, as far as the caller may see them; what they may not see is as if it were not there.
 * What is asked for in the same tick is read together.
 */
export interface OrderReader {
  byId(id: string): Promise<OrderRow | null>;
  byNumber(number: string): Promise<OrderRow | null>;
  /** By line number. */
  linesOf(order: OrderRow): Promise<PricedLine[]>;
  /** Oldest first. */
  historyOf(order: OrderRow): Promise<HistoryEntry[]>;
  /** Null where none was ever begun. */
  sagaOf(order: OrderRow): Promise<SagaProgress | null>;
  page(query: OrderQuery): Promise<OrderConnectionSource>;
  pageOf(customerId: string, query: OrderQuery): Promise<OrderConnectionSource>;
  /** @param currency ISO 4217 code */
  summaryOf(customerId: string, currency: string): Promise<OrderSummary>;
}

export function createOrderReader(
  database: Database,
  visible: VisibleOrders,
  options: LoadingOptions,
): OrderReader {
  const queries = createOrderQueries(database, visible);
  const byId = createLoader(options, queries.byIds);
  const byNumber = createLoader(options, queries.byNumbers);
  const lines = createLoader(options, (ids) => linesOfOrders(database, ids));
  const history = createLoader(options, (ids) => historyOfOrders(database, ids));
  const sagas = createLoader(options, (ids) => sagasOfOrders(database, ids));
  const pages = createArgumentLoader(options, queries.pagesOf);
  const counts = createArgumentLoader(options, (ids, filter: OrderFilter | null) =>
    queries.countsOf(ids, filter),
  );
  const figures = createLoader(options, queries.figuresOf);

  /** The customer's id as the database has it; null where the caller sees nothing of them, and no SQL is needed. */
  const customerInSight = (customerId: string) => {
    const id = parseId(customerId);
    return id !== null && includes(visible, id) ? id : null;
  };

  return {
    async byId(id) {
      const key = parseId(id);
      return key === null || visible === "nobody's" ? null : byId.load(key);
    },
    async byNumber(number) {
      // PostgreSQL's text holds no NUL, and takes none as a parameter.
      return number.includes("\0") || visible === "nobody's" ? null : byNumber.load(number);
    },
    async linesOf({ id, currency }) {
      return ((await lines.load(id)) ?? []).map((line) => ({ ...line, currency }));
    },
    async historyOf({ id }) {
      return (await history.load(id)) ?? [];
    },
    async sagaOf({ id }) {
      return sagas.load(id);
    },
    async page(query) {
      if (visible === "nobody's") return connection(query, [], async () => 0);
      return connection(query, await queries.page(query), () => queries.count(query.filter));
    },
    async pageOf(customerId, query) {
      const id = customerInSight(customerId);
      if (id === null) return connection(query, [], async () => 0);
      const rows = (await pages.load(id, query)) ?? [];
      return connection(query, rows, async () => (await counts.load(id, query.filter)) ?? 0);
    },
    async summaryOf(customerId, currency) {
      const id = customerInSight(customerId);
      return summariseOrders(id === null ? [] : ((await figures.load(id)) ?? []), currency);
    },
  };
}

function connection(
  { page }: OrderQuery,
  rows: readonly OrderRow[],
  totalCount: () => Promise<number>,
): OrderConnectionSource {
  const positionOf = ({ id, placedAt, totalMinor }: OrderRow) => ({
    id,
    value: page.ordering.name === "TOTAL" ? String(totalMinor) : placedAt.toISOString(),
  });
  return toConnection(page, rows, { positionOf, totalCount });
}
