/** The four people, and somebody without a token. */
export type Person = "customer" | "support" | "finance" | "admin" | "anonymous";

/** Fields that somebody may not see, as the front page of the README says it in words. */
const contact = ["contactName", "phone", "email", "address"].map((field) => `Customer.${field}`);
const credit = ["creditLimit", "creditHeld", "creditAvailable"].map((field) => `Customer.${field}`);
const forStaff = ["Query.customers", "Query.orders", "Query.payments", "Customer.suspensionReason"];
const changesBySupport = ["registerCustomer", "suspendCustomer", "reinstateCustomer"].map(
  (f) => `Mutation.${f}`,
);
const changesByFinance = ["changeCreditLimit", "refundPayment"].map((field) => `Mutation.${field}`);
const roots = [
  "me",
  "customer",
  "customerByNumber",
  "order",
  "orderByNumber",
  "payment",
  "product",
  "products",
].map((f) => `Query.${f}`);
const reservations = "Query.creditReservations";
const deadLetters = ["customer", "order", "payment"].map((context) => `Query.${context}DeadLetters`);
/** The fields of the root and of customers that each may not see. */
export const denied: Record<Person, ReadonlySet<string>> = {
  customer: new Set([...forStaff, reservations, ...deadLetters, ...changesBySupport, ...changesByFinance]),
  support: new Set([...credit, reservations, ...deadLetters, ...changesByFinance]),
  finance: new Set([...contact, ...deadLetters, ...changesBySupport]),
  admin: new Set(),
  anonymous: new Set([
    ...roots,
    ...forStaff,
    reservations,
    ...deadLetters,
    ...changesBySupport,
    ...changesByFinance,
  ]),
};
