export type { LoadedPayment, LoadedLedgerEntry, PaymentStanding } from "./payments.ts";
export { loadPayments, reconcilePayments } from "./payments.ts";
