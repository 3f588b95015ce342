import { readFileSync } from "node:fs";
import { sharedResolvers } from "@tributary/subgraph-kit";
import type { Resolvers } from "./generated/resolvers.ts";
import { CustomerHistory } from "./resolvers/customer-history.ts";
import { Customer } from "./resolvers/customer.ts";
import { HistoryOrder } from "./resolvers/history-order.ts";
import { Order } from "./resolvers/order.ts";
import { Payment } from "./resolvers/payment.ts";

/** The history context's public face. */
export const typeDefs = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");

/** The resolvers of all types; a field without one is read from its parent's property of that name. */
export const resolvers: Resolvers = {
  ...sharedResolvers,
  Customer,
  CustomerHistory,
  HistoryOrder,
  Order,
  Payment,
};
