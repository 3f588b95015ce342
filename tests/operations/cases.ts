import { importedId } from "@tributary/datasets";

/** One use of an operation, and where it pages on, how often. */
export interface OperationCase {
  /** The operation's file, without its ending. */
  operation: string;
  variables: Record<string, unknown>;
  /** Follows `endCursor` of the connection at this path, sent as this variable, to the last page. */
  pages?: { connection: string; variable: string };
}

const customer = (number: string) => importedId("customers", number);

/**
 * What the queries under `schema/operations` are tried with, for each person: on customer 124, who may be the one who
 * asks, on others, who may not, and on none at all.
 */
export const cases: readonly OperationCase[] = [
  ...["124", "141", "125", "496"].map((number) => ({
    operation: "customer-with-payment-history",
    variables: { id: customer(number), payments: 3, orders: 4 },
    pages: { connection: "customer.payments", variable: "paymentsAfter" },
  })),
  { operation: "customer-with-payment-history", variables: { id: "00000000-0000-4000-8000-000000000000" } },
  { operation: "customer-with-payment-history", variables: { id: "no id at all" } },
  ...["124", "141", "125"].map((number) => ({
    operation: "customer-history",
    variables: { id: customer(number), first: 7 },
    pages: { connection: "customer.history.entries", variable: "after" },
  })),
  { operation: "customer-history", variables: { id: "00000000-0000-4000-8000-000000000000" } },
  ...["124", "103", "no such number"].map((number) => ({
    operation: "customer-by-number",
    variables: { number },
  })),
  ...["USA", "Germany", "Atlantis"].map((country) => ({
    operation: "customers-by-country",
    variables: { country, first: 7 },
    pages: { connection: "customers", variable: "after" },
  })),
  ...["gift", "%", "’", "Co."].map((name) => ({
    operation: "find-customers",
    variables: { name },
    pages: { connection: "customers", variable: "after" },
  })),
  { operation: "largest-payments", variables: {}, pages: { connection: "payments", variable: "after" } },
  {
    operation: "largest-payments",
    variables: { from: "2004-01-01T00:00:00Z", to: "2004-07-01T00:00:00Z", first: 100 },
  },
  { operation: "my-orders", variables: { first: 6 }, pages: { connection: "me.orders", variable: "after" } },
  { operation: "my-orders", variables: { status: ["CONFIRMED", "CANCELLED"] } },
  {
    operation: "my-payments",
    variables: { first: 4 },
    pages: { connection: "me.payments", variable: "after" },
  },
  { operation: "my-profile", variables: {} },
  ...["124", "119"].map((number) => ({
    operation: "next-orders-of-customer",
    variables: { id: customer(number), first: 5 },
    pages: { connection: "customer.orders", variable: "after" },
  })),
  ...["124", "119"].map((number) => ({
    operation: "next-payments-of-customer",
    variables: { id: customer(number), first: 5 },
    pages: { connection: "customer.payments", variable: "after" },
  })),
  { operation: "open-orders", variables: { first: 4 }, pages: { connection: "orders", variable: "after" } },
  ...["10421", "10100", "10334", "10167", "10417", "99999"].map((number) => ({
    operation: "order-by-number",
    variables: { number },
  })),
  ...["10421", "10179"].map((number) => ({
    operation: "order-progress",
    variables: { id: importedId("orders", number) },
  })),
  {
    operation: "orders-by-amount",
    variables: { from: "2004-01-01T00:00:00Z", to: "2005-01-01T00:00:00Z", minMinor: 4_000_000, first: 10 },
    pages: { connection: "orders", variable: "after" },
  },
  ...["124:AE215433", "103:HQ336336"].map((key) => ({
    operation: "payment-with-ledger",
    variables: { id: importedId("payments", key) },
  })),
  ...["HQ336336", "no such cheque"].map((reference) => ({
    operation: "payments-by-reference",
    variables: { reference },
  })),
  ...["USD", "EUR"].map((currency) => ({
    operation: "price-list",
    variables: { currency },
    pages: { connection: "products", variable: "after" },
  })),
  ...["S10_1678", "no such product"].map((code) => ({ operation: "product-by-code", variables: { code } })),
  {
    operation: "credit-reservations",
    variables: {},
    pages: { connection: "creditReservations", variable: "after" },
  },
  { operation: "dead-letters", variables: {} },
  { operation: "stuck-orders", variables: { before: "2006-01-01T00:00:00Z" } },
  { operation: "suspended-customers", variables: {} },
];
