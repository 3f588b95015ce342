import { createMoney } from "../domain/money.ts";
import type { OrderResolvers } from "../generated/resolvers.ts";

export const Order: OrderResolvers = {
  __resolveReference: ({ id }, { orders }) => orders.byId(id),
  customer: ({ customerId }) => ({ id: customerId }),
  lines: (order, _, { orders }) => orders.linesOf(order),
  total: ({ totalMinor, currency }) => createMoney(totalMinor, currency),
  history: (order, _, { orders }) => orders.historyOf(order),
};
