import type { LoadedOrder, LoadedOrderEvent, OrderEventData, OrderEventType } from "@tributary/order/load";
import { generatedId } from "../ids.ts";
import type { CustomerPlan } from "./customer-plan.ts";
import { generatedCustomerNumber } from "./customers.ts";
import type { OrderPlan } from "./order-plan.ts";
import { DAY } from "./order-plan.ts";

/** What happened to each of the customer's orders. */
export function orderStreams(plan: CustomerPlan): LoadedOrder[] {
  const customerId = generatedId("customers", plan.index);
  const customerNumber = generatedCustomerNumber(plan.index);
  return plan.orders.map((order, place) => orderStream(order, customerId, `${customerNumber}-${place + 1}`));
}

function orderStream(order: OrderPlan, customerId: string, number: string): LoadedOrder {
  const orderId = generatedId("orders", order.key);
  const events: LoadedOrderEvent[] = [];
  const add = <T extends OrderEventType>(type: T, at: number, data: OrderEventData[T]): void => {
    const version = events.length + 1;
    const id = generatedId("order_events", `${order.key}:${version}`);
    events.push({ id, orderId, version, type, data, occurredAt: new Date(at) } as LoadedOrderEvent);
  };
  add("OrderCreated", order.placedAt, {
    customerId,
    number,
    currency: order.currency,
    paymentTerms: "PREPAID",
    lines: order.lines,
    requiredBy: new Date(order.placedAt + 14 * DAY).toISOString(),
    comments: order.comments,
    sourceStatus: null,
    sourceShippedAt: null,
  });
  const { path, reason } = order;
  if (path === "REFUSED") add("OrderRejected", order.reservedAt, { reason });
  if (path === "PENDING" || path === "REFUSED") return events;
  if (path !== "CALLED_OFF_PENDING") {
    add("OrderCreditReserved", order.reservedAt, {});
    if (path === "DECLINED") {
      add("OrderRejectionStarted", order.authorisedAt, { reason });
      add("OrderRejected", order.endedAt, { reason });
    } else if (path !== "CREDIT_RESERVED" && path !== "CALLED_OFF_RESERVED") {
      const paymentId = generatedId("payments", order.key);
      add("OrderPaymentAuthorised", order.authorisedAt, { paymentId });
      if (path !== "PAYMENT_AUTHORISED" && path !== "CALLED_OFF_AUTHORISED") {
        add("OrderConfirmed", order.confirmedAt, {});
      }
    }
  }
  if (path === "FULFILLED") add("OrderFulfilled", order.fulfilledAt, {});
  if (path.startsWith("CALLED_OFF")) {
    add("OrderCancellationRequested", order.calledOffAt, { reason });
    add("OrderCancelled", order.endedAt, {});
  }
  return events;
}
