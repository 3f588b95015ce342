import { sharedResolvers } from "@tributary/subgraph-kit";
import type { Resolvers } from "../generated/resolvers.ts";
import { Customer } from "./customer.ts";
import { Order } from "./order.ts";
import { OrderHistoryEntry } from "./order-history-entry.ts";
import { OrderLine } from "./order-line.ts";
import { Query } from "./query.ts";

/** The resolvers of all types; a field without one is read from its parent's property of that name. */
export const resolvers: Resolvers = {
  ...sharedResolvers,
  Customer,
  Order,
  OrderHistoryEntry,
  OrderLine,
  Query,
};
