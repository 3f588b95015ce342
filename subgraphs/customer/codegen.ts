/**
 * GraphQL type -> what its resolvers get as their parent, `<module>#<type>`, the module relative to src/generated/.
 * A type that is not listed has the shape that the schema gives it.
 */
export const mappers = {
  CreditReservation: "../domain/reservation.ts#ReservationRecord",
  CreditReservationConnection: "../data/reservation-reader.ts#ReservationConnection",
  Customer: "../domain/customer.ts#CustomerRecord",
  CustomerConnection: "../data/customer-reader.ts#CustomerConnection as CustomerPage",
  Money: "../domain/money.ts#Money as MoneyValue",
};
