import type { QueryResolvers } from "../generated/resolvers.ts";
import { needOrderRead, needStaff } from "./access.ts";
import { orderQuery } from "./order-query.ts";
import { pageRequest } from "@tributary/subgraph-kit";
import { BY_NAME } from "../data/price-list.ts";

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
  product: (_, { code }, { products }) => products.byCode(code),
  products: (_, args, { products }) => products.page(pageRequest(args, BY_NAME)),
  orderDeadLetters: (_, args, { identity, deadLetters }) => deadLetters.list(args, identity),
};
