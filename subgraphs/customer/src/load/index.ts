export type { CreditReservationRow } from "./credit-reservations.ts";
export { loadCreditReservations, reconcileCreditReservations } from "./credit-reservations.ts";
export type { CustomerRow } from "./customers.ts";
export { loadCustomers, reconcileCustomers } from "./customers.ts";
