import { createMoney } from "../domain/money.ts";
import type { OrderResolvers } from "../generated/resolvers.ts";
import { needOrderRead, needStaff } from "./access.ts";

export const Order: OrderResolvers = {
  // Async, as what it throws at once would cost the other entities of the request as well.
  async __resolveReference({ id }, { identity, orders }) {
    needOrderRead(identity);
    return orders.byId(id);
  },
  customer: ({ customerId }) => ({ id: customerId }),
  lines: (order, _, { orders }) => orders.linesOf(order),
  total: ({ totalMinor, currency }) => createMoney(totalMinor, currency),
  history: (order, _, { orders }) => orders.historyOf(order),
  saga(order, _, { identity, orders }) {
    needStaff(identity, "Only staff may see how an order is worked on.");
    return orders.sagaOf(order);
  },
};
