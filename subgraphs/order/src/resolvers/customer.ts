import type { CustomerResolvers } from "../generated/resolvers.ts";
import { needOrderRead } from "./access.ts";
import { orderQuery } from "./order-query.ts";

export const Customer: CustomerResolvers = {
  // Nothing of a customer is kept here but whose orders are whose: the id is all that is needed.
  __resolveReference: (reference) => reference,
  orders({ id }, args, { identity, orders }) {
    needOrderRead(identity);
    return orders.pageOf(id, orderQuery(args));
  },
  orderSummary({ id }, { currency }, { identity, orders }) {
    needOrderRead(identity);
    return orders.summaryOf(id, currency);
  },
};
