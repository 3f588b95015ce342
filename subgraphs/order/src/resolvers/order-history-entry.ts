import type { OrderEventType } from "../domain/order-events.ts";
import type { OrderEventType as ApiEventType, OrderHistoryEntryResolvers } from "../generated/resolvers.ts";

const apiTypes: Readonly<Record<OrderEventType, ApiEventType>> = {
  OrderCreated: "ORDER_CREATED",
  OrderCreditReserved: "ORDER_CREDIT_RESERVED",
  OrderPaymentAuthorised: "ORDER_PAYMENT_AUTHORISED",
  OrderConfirmed: "ORDER_CONFIRMED",
  OrderRejectionStarted: "ORDER_REJECTION_STARTED",
  OrderRejected: "ORDER_REJECTED",
  OrderCancellationRequested: "ORDER_CANCELLATION_REQUESTED",
  OrderCancelled: "ORDER_CANCELLED",
  OrderFulfilled: "ORDER_FULFILLED",
};

export const OrderHistoryEntry: OrderHistoryEntryResolvers = {
  type: ({ type }) => apiTypes[type],
};
