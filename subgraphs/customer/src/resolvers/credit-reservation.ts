import type { Context } from "../context.ts";
import type { ReservationRecord } from "../domain/reservation.ts";
import type { CreditReservationResolvers } from "../generated/resolvers.ts";

export const CreditReservation: CreditReservationResolvers = {
  order: ({ orderId }) => ({ id: orderId }),
  async customer({ customerId, orderId }: ReservationRecord, _args: unknown, { customers }: Context) {
    const customer = await customers.byId(customerId);
    // The table's foreign key sees to it that there is one.
    if (customer === null)
      throw new Error(`the customer of the reservation for order ${orderId} is not in sight`);
    return customer;
  },
};
