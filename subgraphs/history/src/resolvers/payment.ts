import type { PaymentResolvers } from "../generated/resolvers.ts";
import { needHistoryRead, needStaff } from "./access.ts";

export const Payment: PaymentResolvers = {
  __resolveReference: (reference) => reference,
  async historyEntry({ id }, _args, { identity, histories }) {
    needStaff(identity);
    needHistoryRead(identity);
    return (await histories.entry(id))?.payment ?? null;
  },
};
