import {
  toRow,
  type IdentifiedEvent,
  type OrderStore,
  type OrderWithSaga,
  type PricedProduct,
  type Saga,
} from "@tributary/order/protocol";
import { DatabaseError, type Database, type Transaction } from "../world/database.ts";
import { short } from "../world/broker.ts";
import type { TableName, Tables } from "../tables.ts";
import { createIdempotencyStore } from "./idempotency.ts";
import { json, send } from "./messages.ts";

/** The store of one transaction of the order context. */
export function createSimulatedOrderStore(database: Database, transaction: Transaction): OrderStore {
  const noSaga = (orderId: string): Saga => ({
    orderId,
    step: null,
    requestId: null,
    attempts: 0,
    deadline: null,
    traceparent: null,
  });
  function read(id: string): OrderWithSaga | null {
    const order = transaction.get("orders", id);
    return order && { order, saga: transaction.get("order_sagas", id) ?? noSaga(id) };
  }
  async function insertNew<T extends TableName>(table: T, key: string, row: Tables[T]): Promise<void> {
    if (!(await transaction.insert(table, key, row)))
      throw new DatabaseError("23505", `${table} has ${key} already`);
  }
  async function insertEvent(event: IdentifiedEvent): Promise<void> {
    const stored = { ...event, data: json(event.data) } as IdentifiedEvent;
    await insertNew("order_events", `${event.orderId} ${event.version}`, stored);
  }

  return {
    ...createIdempotencyStore(transaction),
    lockOrder: (id) =>
      transaction.statement(`lock order ${short(id)}`, async () => {
        if (transaction.get("orders", id) === null) return null;
        await transaction.lock("orders", id);
        return read(id);
      }),
    lockOrderOfSaga: (id) =>
      transaction.statement(`lock order ${short(id)} and its saga`, async () => {
        if (transaction.get("orders", id) === null || transaction.get("order_sagas", id) === null)
          return null;
        await transaction.lock("orders", id);
        await transaction.lock("order_sagas", id);
        return read(id);
      }),
    lockOverdueOrders: (at, most) =>
      transaction.statement("lock overdue orders", () => {
        const overdue = transaction
          .rows("order_sagas")
          .filter(({ deadline }) => deadline !== null && deadline <= at)
          .sort((left, right) => left.deadline!.getTime() - right.deadline!.getTime());
        const locked: OrderWithSaga[] = [];
        for (const { orderId } of overdue) {
          if (locked.length === most) break;
          if (!transaction.tryLock("orders", orderId)) continue;
          if (transaction.tryLock("order_sagas", orderId)) locked.push(read(orderId)!);
        }
        return locked;
      }),
    insertOrder: ({ lines, ...order }, { event, saga }) =>
      transaction.statement(`insert order ${short(order.id)}`, async () => {
        await insertNew("orders", order.id, toRow({ ...order, lines }));
        await insertNew("order_lines", order.id, { orderId: order.id, lines });
        await insertEvent(event);
        await insertNew("order_sagas", order.id, saga);
      }),
    saveOrder: ({ order, saga }, { before, events }) =>
      transaction.statement(
        `save order ${short(order.id)}: ${order.status}, waits for ${saga.step ?? "nothing"}`,
        async () => {
          for (const event of events) await insertEvent(event);
          await transaction.lock("order_sagas", order.id);
          transaction.put("order_sagas", order.id, saga);
          await transaction.lock("orders", order.id);
          if (transaction.get("orders", order.id)?.version !== before)
            throw new Error(`order ${order.id} was changed by another while it was locked`);
          transaction.put("orders", order.id, order);
        },
      ),
    pricesOf: (codes, currency) =>
      transaction.statement(
        "read prices",
        () =>
          new Map(
            codes.flatMap((code): [string, PricedProduct][] => {
              const product = transaction.get("products", code);
              return product
                ? [[code, { name: product.name, priceMinor: product.prices[currency] ?? null }]]
                : [];
            }),
          ),
      ),
    nextOrderNumber: () =>
      transaction.statement("give a number", () => `O-${database.next("order_number_seq")}`),
    send: (messages) => send(database, transaction, messages),
  };
}
