import { readFileSync } from "node:fs";
import { EmailAddressResolver, sharedResolvers } from "@tributary/subgraph-kit";
import type { Resolvers } from "./generated/resolvers.ts";
import { CreditReservation } from "./resolvers/credit-reservation.ts";
import { Customer } from "./resolvers/customer.ts";
import { Mutation } from "./resolvers/mutation.ts";
import { Order } from "./resolvers/order.ts";
import { Query } from "./resolvers/query.ts";

/** The subgraph's SDL. */
export const typeDefs = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");

export const resolvers: Resolvers = {
  ...sharedResolvers,
  EmailAddress: EmailAddressResolver,
  Query,
  Mutation,
  Customer,
  CreditReservation,
  Order,
};
