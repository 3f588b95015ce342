import type { QueryResolvers } from "../generated/resolvers.ts";
import { needOrderRead, needStaff } from "./access.ts";
import { orderQuery } from "./order-query.ts";

export const Query: QueryResolvers = {
  order(_, { id }, { identity, orders }) {
    needOrderRead(identity);
    return orders.byId(id);
  },
  orderByNumber(_, { number }, { identity, orders }) {
    needOrderRead(identity);
    return orders.byNumber(number);
  },
  orders(_, args, { identity, orders }) {
    needStaff(identity);
    needOrderRead(identity);
    return orders.page(orderQuery(args));
  },
};
