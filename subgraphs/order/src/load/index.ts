export type { OrderCreatedData, OrderEvent, OrderEventData, OrderEventType } from "../domain/order-events.ts";
export { readOrderEvent } from "../domain/order-events.ts";
export { fold, toRow } from "../domain/order-state.ts";
export type { OrderStatus } from "../domain/order-status.ts";
export type { LoadedOrder, LoadedOrderEvent, OrderLoadResult, OrderStanding } from "./orders.ts";
export { loadOrders, reconcileOrders } from "./orders.ts";
export { loadProducts, type LoadedProduct } from "./products.ts";
export { replayOrders, type ReplayDifference, type ReplayOptions, type ReplayResult } from "./replay.ts";
