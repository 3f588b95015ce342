import type { QueryResolvers } from "../generated/resolvers.ts";
import { needPaymentRead, needStaff } from "./access.ts";
import { paymentQuery } from "./payment-query.ts";

export const Query: QueryResolvers = {
  payment(_, { id }, { identity, payments }) {
    needPaymentRead(identity);
    return payments.byId(id);
  },
  payments(_, args, { identity, payments }) {
    needStaff(identity);
    needPaymentRead(identity);
    return payments.page(paymentQuery(args));
  },
  paymentDeadLetters: (_, args, { identity, deadLetters }) => deadLetters.list(args, identity),
};
