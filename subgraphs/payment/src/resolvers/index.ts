import { sharedResolvers } from "@tributary/subgraph-kit";
import type { Resolvers } from "../generated/resolvers.ts";
import { Customer } from "./customer.ts";
import { Mutation } from "./mutation.ts";
import { Order } from "./order.ts";
import { Payment } from "./payment.ts";
import { PaymentSummary } from "./payment-summary.ts";
import { Query } from "./query.ts";

/** The resolvers of all types; a field without one is read from its parent's property of that name. */
export const resolvers: Resolvers = {
  ...sharedResolvers,
  Customer,
  Mutation,
  Order,
  Payment,
  PaymentSummary,
  Query,
};
