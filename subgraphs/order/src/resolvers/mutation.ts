import type { MutationResolvers } from "../generated/resolvers.ts";
import { needOrderFulfil, needOrderRepair, needOrderWrite } from "./access.ts";

export const Mutation: MutationResolvers = {
  placeOrder(_, { input }, { identity, changes }) {
    // The schema's defaults are in the input already; its type does not know.
    const { currency = "USD", paymentTerms = "PREPAID" } = input;
    return changes.place({ ...input, currency, paymentTerms }, needOrderWrite(identity));
  },
  cancelOrder(_, { input }, { identity, changes }) {
    return changes.cancel(input, needOrderWrite(identity));
  },
  fulfilOrder(_, { input }, { identity, changes }) {
    return changes.fulfil(input, needOrderFulfil(identity));
  },
  resumeOrder(_, { input }, { identity, changes }) {
    return changes.resume(input, needOrderRepair(identity));
  },
  redriveOrderMessages: (_, { input }, { identity, deadLetters }) => deadLetters.redrive(input, identity),
};
