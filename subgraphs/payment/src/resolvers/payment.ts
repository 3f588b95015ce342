import type { PaymentResolvers } from "../generated/resolvers.ts";

export const Payment: PaymentResolvers = {
  __resolveReference: ({ id }, { payments }) => payments.byId(id),
  customer: ({ customerId }) => ({ id: customerId }),
  order: ({ orderId }) => (orderId === null ? null : { id: orderId }),
  ledger: async (payment, _, { payments }) => [...(await payments.ledgerOf(payment))],
};
