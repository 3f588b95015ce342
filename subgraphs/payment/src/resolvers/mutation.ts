import type { MutationResolvers } from "../generated/resolvers.ts";
import { needPaymentRefund } from "./access.ts";

export const Mutation: MutationResolvers = {
  refundPayment(_, { input }, { identity, refunds }) {
    return refunds.refund(input, needPaymentRefund(identity));
  },
  redrivePaymentMessages: (_, { input }, { identity, deadLetters }) => deadLetters.redrive(input, identity),
};
