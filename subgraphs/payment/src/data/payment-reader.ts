import {
  createArgumentLoader,
  createLoader,
  toConnection,
  type ArgumentLoader,
  type LoadingOptions,
} from "@tributary/subgraph-kit";
import { parseId } from "../domain/identifier.ts";
import type { LedgerEntryRecord, PaymentRecord, ShownPayment } from "../domain/payment.ts";
import { summarisePayments, type PaymentSummary } from "../domain/payment-summary.ts";
import { includes, type VisiblePayments } from "../domain/visibility.ts";
import type { Database } from "./database.ts";
import type { PaymentFilter } from "./payment-conditions.ts";
import {
  createPaymentQueries,
  type PaymentConnectionSource,
  type PaymentParent,
  type PaymentQuery,
} from "./payment-queries.ts";
import { toLedgerEntry } from "./payment-rows.ts";

/**
 * Reads payments for one request, as far as the caller may see them; what they may not see is as if it were not there.
 * What is asked for in the same tick is read together.
 */
export interface PaymentReader {
  byId(id: string): Promise<PaymentRecord | null>;
  /** Oldest first. */
  ledgerOf(payment: ShownPayment): Promise<readonly LedgerEntryRecord[]>;
  page(query: PaymentQuery): Promise<PaymentConnectionSource>;
  pageOfCustomer(customerId: string, query: PaymentQuery): Promise<PaymentConnectionSource>;
  pageOfOrder(orderId: string, query: PaymentQuery): Promise<PaymentConnectionSource>;
  /** @param currency ISO 4217 code */
  summaryOf(customerId: string, currency: string): Promise<PaymentSummary>;
}

interface ParentLoaders {
  pages: ArgumentLoader<PaymentQuery, PaymentRecord[]>;
  counts: ArgumentLoader<PaymentFilter | null, number>;
}

export function createPaymentReader(
  database: Database,
  visible: VisiblePayments,
  options: LoadingOptions,
): PaymentReader {
  const queries = createPaymentQueries(database, visible);
  const byId = createLoader(options, queries.byIds);
  const ledgers = createLoader(options, queries.ledgersOf);
  const figures = createLoader(options, queries.figuresOf);
  const loadersOf = (parent: PaymentParent): ParentLoaders => ({
    pages: createArgumentLoader(options, (ids, query) => queries.pagesOf(parent, ids, query)),
    counts: createArgumentLoader(options, (ids, filter) => queries.countsOf(parent, ids, filter)),
  });
  const ofCustomers = loadersOf("customer_id");
  const ofOrders = loadersOf("order_id");

  /** The id as the database has it; null where the caller sees nothing behind it, and no SQL is needed. */
  const inSight = (id: string) => (visible === "nobody's" ? null : parseId(id));
  const customerInSight = (customerId: string) => {
    const id = inSight(customerId);
    return id !== null && includes(visible, id) ? id : null;
  };

  const pageOf = async ({ pages, counts }: ParentLoaders, id: string | null, query: PaymentQuery) => {
    if (id === null) return connection(query, [], async () => 0);
    const rows = (await pages.load(id, query)) ?? [];
    return connection(query, rows, async () => (await counts.load(id, query.filter)) ?? 0);
  };

  return {
    async byId(id) {
      const key = inSight(id);
      return key === null ? null : byId.load(key);
    },
    async ledgerOf(payment) {
      if ("ledger" in payment) return payment.ledger;
      return ((await ledgers.load(payment.id)) ?? []).map((row) => toLedgerEntry(row, payment));
    },
    async page(query) {
      if (visible === "nobody's") return connection(query, [], async () => 0);
      return connection(query, await queries.page(query), () => queries.count(query.filter));
    },
    pageOfCustomer: (customerId, query) => pageOf(ofCustomers, customerInSight(customerId), query),
    // Whose order it is, only its payments tell: the rows themselves are checked.
    pageOfOrder: (orderId, query) => pageOf(ofOrders, inSight(orderId), query),
    async summaryOf(customerId, currency) {
      const id = customerInSight(customerId);
      return summarisePayments(id === null ? [] : ((await figures.load(id)) ?? []), currency);
    },
  };
}

function connection(
  { page }: PaymentQuery,
  rows: readonly PaymentRecord[],
  totalCount: () => Promise<number>,
): PaymentConnectionSource {
  const positionOf = ({ id, requestedAt, amount }: PaymentRecord) => ({
    id,
    value: page.ordering.name === "AMOUNT" ? String(amount.amountMinor) : requestedAt.toISOString(),
  });
  return toConnection(page, rows, { positionOf, totalCount });
}
