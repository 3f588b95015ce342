/**
 * GraphQL type -> what its resolvers get as their parent, `<module>#<type>`, the module relative to src/generated/.
 * A type that is not listed has the shape that the schema gives it.
 */
export const mappers = {
  LedgerEntry: "../domain/payment.ts#LedgerEntryRecord",
  Money: "../domain/money.ts#Money as MoneyValue",
  Payment: "../domain/payment.ts#ShownPayment",
  PaymentConnection: "../data/payment-queries.ts#PaymentConnectionSource",
  PaymentSummary: "../domain/payment-summary.ts#PaymentSummary as PaymentSummarySource",
};
