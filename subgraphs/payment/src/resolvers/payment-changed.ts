import type { PaymentChangedResolvers } from "../generated/resolvers.ts";
import { needPaymentRead } from "./access.ts";

export const PaymentChanged: PaymentChangedResolvers = {
  // To be allowed to change a payment is not to be allowed to read it.
  payment({ payment }, _, { identity }) {
    needPaymentRead(identity);
    return payment;
  },
};
