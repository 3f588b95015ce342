import { ownCustomerId } from "../domain/visibility.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";
import { requireReservationSight, requireStaff } from "./permission.ts";

export const Query: QueryResolvers = {
  me(_parent, _args, { identity, customers }) {
    const id = ownCustomerId(identity);
    return id === null ? null : customers.byId(id);
  },
  customer: (_parent, { id }, { customers }) => customers.byId(id),
  customerByNumber: (_parent, { number }, { customers }) => customers.byNumber(number),
  customers(_parent, args, { identity, customers }) {
    requireStaff(identity);
    return customers.list(args);
  },
  creditReservations(_parent, args, { identity, reservations }) {
    requireReservationSight(identity);
    return reservations.list(args);
  },
  customerDeadLetters: (_, args, { identity, deadLetters }) => deadLetters.list(args, identity),
};
