/** The order context's part of the protocol, without a database: what a simulation runs over stores of its own. */
export {
  createOrderWriter,
  type OrderAnswer,
  type OrderWriter,
  type PlaceOrderAnswer,
} from "./data/order-writer.ts";
export type { IdentifiedEvent, OrderStore, OrderWithSaga, PricedProduct } from "./data/order-store.ts";
export { createOrderStore } from "./data/postgres-order-store.ts";
export type { OrderLine } from "./domain/order-events.ts";
export { messageLines, orderMessageData } from "./domain/order-messages.ts";
export { fold, toRow, type OrderRow } from "./domain/order-state.ts";
export type { Saga } from "./domain/saga.ts";
export { watchDeadlines } from "./events/deadlines.ts";
export { createReplyHandlers } from "./events/replies.ts";
