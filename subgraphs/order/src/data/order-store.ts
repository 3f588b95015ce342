import type { OutgoingMessage } from "@tributary/messaging";
import type { IdempotencyStore } from "@tributary/subgraph-kit";
import type { OrderEvent, OrderLine } from "../domain/order-events.ts";
import type { OrderRow } from "../domain/order-state.ts";
import type { Saga } from "../domain/saga.ts";

/** An order and its saga, locked until the transaction ends. */
export interface OrderWithSaga {
  readonly order: OrderRow;
  readonly saga: Saga;
}

/** An event with the id that it is stored under. */
export type IdentifiedEvent = OrderEvent & { readonly id: string };

/** A product's name, and its price in one currency; null where it is not sold in it. */
export interface PricedProduct {
  readonly name: string;
  readonly priceMinor: number | null;
}

/** What changes of orders need of one transaction at READ COMMITTED. */
export interface OrderStore extends IdempotencyStore {
  /**
   * Reads an order with its saga and keeps others from changing either until the transaction ends. An order that was
   * imported or generated has a saga that waits for nothing.
   *
   * @param id a UUID
   */
  lockOrder(id: string): Promise<OrderWithSaga | null>;
  /** As {@link OrderStore.lockOrder}, of an order that has a saga. */
  lockOrderOfSaga(id: string): Promise<OrderWithSaga | null>;
  /** Reads orders whose saga is past its deadline, the longest overdue first, leaving out those that others have locked. */
  lockOverdueOrders(at: Date, most: number): Promise<OrderWithSaga[]>;
  /** Writes a new order: its row, lines, first event and saga. */
  insertOrder(
    order: OrderRow & { readonly lines: readonly OrderLine[] },
    first: { readonly event: IdentifiedEvent; readonly saga: Saga },
  ): Promise<void>;
  /**
   * Writes what a move has made of an order and its saga: the row, the events that it did not have before, and what the
   * saga waits for now.
   *
   * @param change.before the version that the order had when it was locked
   */
  saveOrder(
    after: OrderWithSaga,
    change: { readonly before: number; readonly events: readonly IdentifiedEvent[]; readonly at: Date },
  ): Promise<void>;
  /** Reads products by code with their price in a currency; those that do not exist are left out. */
  pricesOf(codes: readonly string[], currency: string): Promise<ReadonlyMap<string, PricedProduct>>;
  /** Gives the number of a new order. */
  nextOrderNumber(): Promise<string>;
  /** Writes messages into the outbox, after the rows that they tell of. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}
