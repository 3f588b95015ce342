import type { PaymentResolvers } from "../generated/resolvers.ts";
import { needPaymentRead } from "./access.ts";

export const Payment: PaymentResolvers = {
  // Async, as what it throws at once would cost the other entities of the request as well.
  async __resolveReference({ id }, { identity, payments }) {
    needPaymentRead(identity);
    return payments.byId(id);
  },
  customer: ({ customerId }) => ({ id: customerId }),
  order: ({ orderId }) => (orderId === null ? null : { id: orderId }),
  ledger: async (payment, _, { payments }) => [...(await payments.ledgerOf(payment))],
};
