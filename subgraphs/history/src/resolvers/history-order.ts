import type { HistoryOrderResolvers } from "../generated/resolvers.ts";
import { needCreditRead, needStaff } from "./access.ts";

export const HistoryOrder: HistoryOrderResolvers = {
  creditReservation({ creditReservation }, _args, { identity }) {
    needStaff(identity);
    needCreditRead(identity);
    return creditReservation;
  },
};
