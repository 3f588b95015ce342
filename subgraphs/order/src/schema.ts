import { readFileSync } from "node:fs";
import { sharedResolvers } from "@tributary/subgraph-kit";
import type { Resolvers } from "./generated/resolvers.ts";
import { Customer } from "./resolvers/customer.ts";
import { Mutation } from "./resolvers/mutation.ts";
import { OrderHistoryEntry } from "./resolvers/order-history-entry.ts";
import { OrderLine } from "./resolvers/order-line.ts";
import { Order } from "./resolvers/order.ts";
import { Product } from "./resolvers/product.ts";
import { Query } from "./resolvers/query.ts";

/** The order context's public face. */
export const typeDefs = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");

/** The resolvers of all types; a field without one is read from its parent's property of that name. */
export const resolvers: Resolvers = {
  ...sharedResolvers,
  Customer,
  Mutation,
  Order,
  OrderHistoryEntry,
  OrderLine,
  Product,
  Query,
};
