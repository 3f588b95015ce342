/** The customer context's part of the protocol, without a database: what a simulation runs over a store of its own. */
export type { CreditDecision, CreditStore, ReservationRequest } from "./data/credit-store.ts";
export { createCreditStore } from "./data/postgres-credit-store.ts";
export { createCreditRequestHandlers } from "./events/credit-requests.ts";
