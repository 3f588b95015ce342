import { writeMessages, type SqlTransaction } from "@tributary/messaging";
import { createIdempotencyStore, sql } from "@tributary/subgraph-kit";
import type { OrderStore } from "./order-store.ts";
import { pricesOf } from "./price-list.ts";
import { insertOrder, lockOrder, lockOrderOfSaga, lockOverdueOrders, saveOrder } from "./saga-store.ts";

/** Creates the store of a transaction of the context's own database. */
export function createOrderStore(transaction: SqlTransaction): OrderStore {
  return {
    ...createIdempotencyStore({
      $queryRaw: (statement) => transaction.query(statement) as never,
      $executeRaw: (statement) => transaction.defer(statement),
    }),
    lockOrder: (id) => lockOrder(transaction, id),
    lockOrderOfSaga: (id) => lockOrderOfSaga(transaction, id),
    lockOverdueOrders: (at, most) => lockOverdueOrders(transaction, at, most),
    insertOrder: (order, first) => insertOrder(transaction, order, first),
    saveOrder: (after, change) => saveOrder(transaction, after, change),
    pricesOf: (codes, currency) => pricesOf(transaction, codes, currency),
    async nextOrderNumber() {
      const [next] = await transaction.query<{ number: string }>(
        sql`SELECT 'O-' || nextval('order_number_seq') AS number`,
      );
      return next?.number ?? "";
    },
    send: (messages) => writeMessages(transaction, messages),
  };
}
