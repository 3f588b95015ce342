import type { OrderResolvers } from "../generated/resolvers.ts";
import { needHistoryRead, needStaff } from "./access.ts";

export const Order: OrderResolvers = {
  __resolveReference: (reference) => reference,
  async historyEntry({ id }, _args, { identity, histories }) {
    needStaff(identity);
    needHistoryRead(identity);
    return (await histories.entry(id))?.order ?? null;
  },
};
