import type { OrderResolvers } from "../generated/resolvers.ts";
import { requireReservationSight } from "./permission.ts";

export const Order: OrderResolvers = {
  // Nothing of an order is kept here but what it holds: the id is all that is needed.
  __resolveReference: (reference) => reference,
  creditReservation({ id }, _args, { identity, reservations }) {
    requireReservationSight(identity);
    return reservations.ofOrder(id);
  },
};
