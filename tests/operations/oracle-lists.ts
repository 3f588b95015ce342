export interface PageArguments {
  first: number;
  after?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the filters of three lists
  filter?: any;
  orderBy: { field: string; direction: "ASC" | "DESC" };
}

/** A page of a list that is sorted here, by a plain comparison. A cursor is the id that the page starts behind. */
export function page<Item extends { id: string }>(
  items: readonly Item[],
  { first, after, orderBy }: PageArguments,
  valueOf: (item: Item) => string | bigint,
): object {
  const sign = orderBy.direction === "ASC" ? 1 : -1;
  const order = (a: string | bigint, b: string | bigint) => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = items.toSorted((a, b) => sign * (order(valueOf(a), valueOf(b)) || order(a.id, b.id)));
  const start = after === undefined ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
  const nodes = sorted.slice(start, start + first);
  return {
    nodes,
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    totalCount: items.length,
    pageInfo: {
      hasNextPage: start + first < sorted.length,
      hasPreviousPage: after !== undefined,
      startCursor: nodes.at(0)?.id ?? null,
      endCursor: nodes.at(-1)?.id ?? null,
    },
  };
}

interface OracleOrder {
  readonly id: string;
  readonly placedAt: string;
  readonly lines: readonly unknown[];
}

interface OraclePayment {
  readonly id: string;
  readonly requestedAt: string;
}

/** A customer's history as their orders and payments make it; the files tie no payment to an order. */
export function historyOf(
  customer: { readonly number: string; readonly name: string | null },
  orders: readonly OracleOrder[],
  payments: readonly OraclePayment[],
): object {
  const entries = [
    ...orders.map((order) => ({
      id: order.id,
      at: order.placedAt,
      order: {
        ...order,
        orderId: order.id,
        rejectionReason: null,
        lineCount: order.lines.length,
        payments: [],
      },
      payment: null,
    })),
    ...payments.map((payment) => ({
      id: payment.id,
      at: payment.requestedAt,
      order: null,
      payment: { ...payment, paymentId: payment.id, refunds: [], refundCount: 0 },
    })),
  ];
  return {
    ...{ ...customer, status: "ACTIVE", version: 1, changedAt: "1970-01-01T00:00:00.000Z" },
    ...{ orderCount: orders.length, paymentCount: payments.length },
    entries: ({ first, after }: PageArguments) => {
      const orderBy = { field: "AT", direction: "DESC" } as const;
      return page(entries, { first, ...(after !== undefined && { after }), orderBy }, ({ at }) => at);
    },
  };
}
