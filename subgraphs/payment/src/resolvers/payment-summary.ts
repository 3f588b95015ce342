import type { PaymentSummaryResolvers } from "../generated/resolvers.ts";

export const PaymentSummary: PaymentSummaryResolvers = {
  lastPayment: ({ lastPaymentId }, _, { payments }) =>
    lastPaymentId === null ? null : payments.byId(lastPaymentId),
};
