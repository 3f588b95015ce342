/** The payment context's part of the protocol, without a database: what a simulation runs over a store of its own. */
export type { PaymentStore, ProviderCall } from "./data/payment-store.ts";
export { createPaymentStore } from "./data/postgres-payment-store.ts";
export { createRefunds, type Refunds } from "./data/refunds.ts";
export { withLedger } from "./domain/ledger.ts";
export type { LedgerEntryRecord, Payment, PaymentRecord } from "./domain/payment.ts";
export { paymentMessage } from "./domain/payment-messages.ts";
export {
  ProviderError,
  type PaymentProvider,
  type ProviderAnswer,
  type ProviderRequest,
} from "./domain/provider.ts";
export { createPaymentRequestHandlers } from "./events/payment-requests.ts";
export { createProviderWorker } from "./events/provider-worker.ts";
