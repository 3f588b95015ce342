import type { CustomerResolvers } from "../generated/resolvers.ts";
import { needPaymentRead } from "./access.ts";
import { paymentQuery } from "./payment-query.ts";

export const Customer: CustomerResolvers = {
  // Nothing of a customer is kept here but whose payments are whose: the id is all that is needed.
  __resolveReference: (reference) => reference,
  payments({ id }, args, { identity, payments }) {
    needPaymentRead(identity);
    return payments.pageOfCustomer(id, paymentQuery(args));
  },
  paymentSummary({ id }, { currency }, { identity, payments }) {
    needPaymentRead(identity);
    return payments.summaryOf(id, currency);
  },
};
