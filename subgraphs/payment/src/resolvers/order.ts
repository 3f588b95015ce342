import type { OrderResolvers } from "../generated/resolvers.ts";
import { needPaymentRead } from "./access.ts";
import { paymentQuery } from "./payment-query.ts";

export const Order: OrderResolvers = {
  // Nothing of an order is kept here but the payments for it: the id is all that is needed.
  __resolveReference: (reference) => reference,
  payments({ id }, args, { identity, payments }) {
    needPaymentRead(identity);
    return payments.pageOfOrder(id, paymentQuery(args));
  },
};
