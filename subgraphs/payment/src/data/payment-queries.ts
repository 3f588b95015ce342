import {
  countsSql,
  countSql,
  joinSql,
  pagesSql,
  pageSql,
  sql,
  type Connection,
  type KeysetSource,
  type Ordering,
  type PageRequest,
  type Sql,
} from "@tributary/subgraph-kit";
import type { PaymentRecord } from "../domain/payment.ts";
import type { PaymentFigures } from "../domain/payment-summary.ts";
import type { VisiblePayments } from "../domain/visibility.ts";
import type { Database } from "./database.ts";
import { filterConditions, visibilityConditions, type PaymentFilter } from "./payment-conditions.ts";
import {
  toFigures,
  toPaymentRecord,
  type FiguresSqlRow,
  type LedgerEntryRow,
  type PaymentSqlRow,
} from "./payment-rows.ts";

/** A page of payments, as the resolvers of its type read it. */
export type PaymentConnectionSource = Connection<PaymentRecord>;

/** Which page of which payments. */
export interface PaymentQuery {
  readonly page: PageRequest;
  readonly filter: PaymentFilter | null;
}

/** Whose payments: a customer's, or an order's. */
export type PaymentParent = "customer_id" | "order_id";

/** The orders that lists can be read in. */
export const ORDERINGS = {
  REQUESTED_AT: { name: "REQUESTED_AT", column: "requested_at", type: "timestamptz" },
  AMOUNT: { name: "AMOUNT", column: "amount_minor", type: "bigint" },
} as const satisfies Record<string, Omit<Ordering, "direction">>;

/**
 * Reads rows of `payments` that one caller may see: each function sends one statement, however many keys it gets, and
 * gives nothing of what the caller may not see. Keys are ids in lower case.
 */
export interface PaymentQueries {
  byIds(ids: readonly string[]): Promise<Map<string, PaymentRecord>>;
  /** One more than the page holds, where there is one more. */
  page(query: PaymentQuery): Promise<PaymentRecord[]>;
  count(filter: PaymentFilter | null): Promise<number>;
  /** The same page for each parent; those without payments are left out. */
  pagesOf(
    parent: PaymentParent,
    ids: readonly string[],
    query: PaymentQuery,
  ): Promise<Map<string, PaymentRecord[]>>;
  countsOf(
    parent: PaymentParent,
    ids: readonly string[],
    filter: PaymentFilter | null,
  ): Promise<Map<string, number>>;
  /** For each customer, figures by currency. */
  figuresOf(customerIds: readonly string[]): Promise<Map<string, PaymentFigures[]>>;
  /** For each payment, what moved, oldest first. Ask for payments that were read by one of the others only. */
  ledgersOf(paymentIds: readonly string[]): Promise<Map<string, LedgerEntryRow[]>>;
}

export function createPaymentQueries({ prisma }: Database, visible: VisiblePayments): PaymentQueries {
  const visibility = visibilityConditions(visible);
  const sourceOf = (filter: PaymentFilter | null): KeysetSource => ({
    table: "payments",
    where: [...visibility, ...filterConditions(filter)],
  });
  const rowsOf = (statement: Sql) => prisma.$queryRaw<PaymentSqlRow[]>(statement);

  return {
    async byIds(ids) {
      const rows = await rowsOf(
        sql`SELECT * FROM payments WHERE ${joinSql([sql`id = ANY(${[...ids]}::uuid[])`, ...visibility], " AND ")}`,
      );
      return new Map(rows.map((row) => [row.id, toPaymentRecord(row)]));
    },
    async page({ page, filter }) {
      return (await rowsOf(pageSql(sourceOf(filter), page))).map(toPaymentRecord);
    },
    async count(filter) {
      const [row] = await prisma.$queryRaw<{ count: bigint }[]>(countSql(sourceOf(filter)));
      return Number(row?.count ?? 0);
    },
    async pagesOf(parent, ids, { page, filter }) {
      const rows = await prisma.$queryRaw<(PaymentSqlRow & { parent_id: string })[]>(
        pagesSql(sourceOf(filter), page, { column: parent, ids }),
      );
      const grouped = Map.groupBy(rows, ({ parent_id }) => parent_id);
      return new Map([...grouped].map(([id, ofParent]) => [id, ofParent.map(toPaymentRecord)]));
    },
    async countsOf(parent, ids, filter) {
      const rows = await prisma.$queryRaw<{ parent_id: string; count: bigint }[]>(
        countsSql(sourceOf(filter), { column: parent, ids }),
      );
      return new Map(rows.map(({ parent_id, count }) => [parent_id, Number(count)]));
    },
    async figuresOf(customerIds) {
      const rows = await prisma.$queryRaw<FiguresSqlRow[]>(
        sql`SELECT customer_id, currency, count(*) AS count, sum(captured_minor)::text AS captured_minor, sum(refunded_minor)::text AS refunded_minor, coalesce(sum(amount_minor) FILTER (WHERE status IN ('REQUESTED', 'AUTHORISED')), 0)::text AS outstanding_minor, (array_agg(id ORDER BY captured_at DESC, id DESC) FILTER (WHERE captured_at IS NOT NULL))[1] AS last_payment_id FROM payments WHERE ${joinSql([sql`customer_id = ANY(${[...customerIds]}::uuid[])`, ...visibility], " AND ")} GROUP BY customer_id, currency`,
      );
      const grouped = Map.groupBy(rows, ({ customer_id }) => customer_id);
      return new Map([...grouped].map(([id, ofCustomer]) => [id, ofCustomer.map(toFigures)]));
    },
    async ledgersOf(paymentIds) {
      const rows = await prisma.ledgerEntry.findMany({
        where: { paymentId: { in: [...paymentIds] } },
        orderBy: { sequence: "asc" },
      });
      return Map.groupBy(rows, ({ paymentId }) => paymentId);
    },
  };
}
