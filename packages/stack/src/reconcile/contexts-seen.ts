/** What reconciliation reads of the contexts, as the API gives it. */

export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** What the history shows of a payment. */
export interface SeenHistoryPayment {
  readonly paymentId: string;
  readonly version: number;
  readonly status: string;
  readonly amount: Money;
  readonly captured: Money;
  readonly refunded: Money;
}

/** What the history shows of an order. */
export interface SeenHistoryOrder {
  readonly version: number;
  readonly status: string;
  readonly total: Money;
  readonly lineCount: number | null;
  readonly creditReservation: {
    readonly version: number;
    readonly status: string;
    readonly amount: Money;
  } | null;
  readonly payments: readonly SeenHistoryPayment[];
}

/** What the history shows of a customer. */
export interface SeenHistory {
  readonly version: number | null;
  readonly name: string | null;
  readonly status: string | null;
  readonly creditLimit: Money | null;
  readonly creditHeld: Money | null;
  readonly orderCount: number;
  readonly paymentCount: number;
}

export interface SeenPayment {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly amount: Money;
  readonly captured: Money;
  readonly refunded: Money;
}

export interface SeenOrder {
  readonly id: string;
  readonly status: string;
  readonly paymentTerms: "PREPAID" | "ON_ACCOUNT";
  readonly total: Money;
  readonly version: number;
  readonly customer: { readonly id: string };
  readonly lines: readonly unknown[];
  readonly historyEntry: SeenHistoryOrder | null;
  readonly saga: {
    readonly step: string | null;
    readonly attempts: number;
    readonly deadline: string | null;
  } | null;
  readonly creditReservation: {
    readonly status: "HELD" | "SETTLED" | "RELEASED";
    readonly version: number;
    readonly amount: Money;
    readonly customer: { readonly id: string };
  } | null;
  readonly payments: { readonly totalCount: number; readonly nodes: readonly SeenPayment[] };
  /** Read of one order alone. */
  readonly history?: readonly { readonly type: string }[];
}

/** A message that a context could not handle. */
export interface SeenDeadLetter {
  readonly id: string;
  readonly type: string | null;
  readonly error: string;
  readonly redriveRequestedAt: string | null;
}

/** The contexts that take part in messages and whose API shows what they could not handle. */
export const MESSAGE_CONTEXTS = ["customer", "order", "payment"] as const;
export type MessageContext = (typeof MESSAGE_CONTEXTS)[number];
/** By context. */
export type SeenDeadLetters = Readonly<Record<MessageContext, readonly SeenDeadLetter[]>>;

/** An order that another context names. Every order has a customer: it is null where there is no such order. */
interface SeenReference {
  readonly id: string;
  readonly customer: { readonly id: string } | null;
}

/** A payment with its ledger, and whether those whom it names are there. */
export interface SeenLedger extends SeenPayment {
  readonly order: SeenReference | null;
  /** `creditLimit` is null where there is no such customer. */
  readonly customer: { readonly id: string; readonly creditLimit: { readonly currency: string } | null };
  readonly historyEntry: SeenHistoryPayment | null;
  readonly ledger: readonly { readonly sequence: number; readonly type: string; readonly amount: Money }[];
}

/** A customer, and how much there is of theirs. */
export interface SeenCustomer {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly status: string;
  readonly creditLimit: Money;
  readonly creditHeld: Money;
  readonly orders: { readonly totalCount: number };
  readonly payments: { readonly totalCount: number };
  readonly history: SeenHistory | null;
}

export interface SeenReservation {
  readonly order: SeenReference;
}

const HISTORY_PAYMENT = `paymentId version status amount { amountMinor currency }
  captured { amountMinor currency } refunded { amountMinor currency }`;
const PAYMENT = `id status version amount { amountMinor currency } captured { amountMinor currency }
  refunded { amountMinor currency }`;
const ORDER = `id status paymentTerms total { amountMinor currency } version customer { id }
  saga { step attempts deadline } lines { lineNumber }
  historyEntry { version status total { amountMinor currency } lineCount
    creditReservation { version status amount { amountMinor currency } } payments { ${HISTORY_PAYMENT} } }
  creditReservation { status version amount { amountMinor currency } customer { id } }
  payments(first: 2) { totalCount nodes { ${PAYMENT} } }`;
const PAGE_INFO = "pageInfo { hasNextPage endCursor }";

const LEDGER = `${PAYMENT} order { id customer { id } } customer { id creditLimit { currency } }
  historyEntry { ${HISTORY_PAYMENT} }
  ledger { sequence type amount { amountMinor currency } }`;
const CUSTOMER = `id version name status creditLimit { amountMinor currency } creditHeld { amountMinor currency }
  orders(first: 1) { totalCount } payments(first: 1) { totalCount }
  history { version name status creditLimit { amountMinor currency } creditHeld { amountMinor currency }
    orderCount paymentCount }`;

export const ONE_PAYMENT = `query ($id: ID!) { node: payment(id: $id) { ${LEDGER} } }`;
export const ONE_CUSTOMER = `query ($id: ID!) { node: customer(id: $id) { ${CUSTOMER} } }`;
export const ONE_ORDER = `query ($id: ID!) { node: order(id: $id) { ${ORDER} history { type } } }`;

// Oldest first: what is added meanwhile comes at the end, and no page moves.
export const ORDERS = `query ($after: String) {
  page: orders(first: 100, after: $after, orderBy: { field: PLACED_AT, direction: ASC }) { nodes { ${ORDER} } ${PAGE_INFO} }
}`;
export const PAYMENTS = `query ($after: String) {
  page: payments(first: 100, after: $after, orderBy: { field: REQUESTED_AT, direction: ASC }) {
    nodes { ${LEDGER} } ${PAGE_INFO}
  }
}`;
export const CUSTOMERS = `query ($after: String) {
  page: customers(first: 100, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { ${CUSTOMER} } ${PAGE_INFO} }
}`;
export const RESERVATIONS = `query ($after: String) {
  page: creditReservations(first: 100, after: $after) { nodes { order { id customer { id } } } ${PAGE_INFO} }
}`;
export const TOTALS = `{
  orders(first: 1) { totalCount } payments(first: 1) { totalCount } creditReservations(first: 1) { totalCount }
  customers(first: 1) { totalCount }
}`;

const deadLetters = (context: MessageContext, filter: string) =>
  `${context}: ${context}DeadLetters(first: 100${filter}) { id type error redriveRequestedAt }`;
export const DEAD_LETTERS = `{ ${MESSAGE_CONTEXTS.map((context) => deadLetters(context, "")).join(" ")} }`;
export const SOME_DEAD_LETTERS = `query (${MESSAGE_CONTEXTS.map((context) => `$${context}: [ID!]`).join(" ")}) {
  ${MESSAGE_CONTEXTS.map((context) => deadLetters(context, `, messageIds: $${context}`)).join(" ")}
}`;

const failure = "__typename ... on MutationFailure { message }";
export const RESUME = `mutation ($input: ResumeOrderInput!) { result: resumeOrder(input: $input) { ${failure} } }`;
export const REDRIVE: Readonly<Record<MessageContext, string>> = {
  customer: redrive("redriveCustomerMessages"),
  order: redrive("redriveOrderMessages"),
  payment: redrive("redrivePaymentMessages"),
};
/** What a change answers: `message` where it was refused. */
export interface Changed {
  readonly result: { readonly __typename: string; readonly message?: string };
}

function redrive(field: string): string {
  return `mutation ($input: RedriveMessagesInput!) { result: ${field}(input: $input) { ${failure} } }`;
}
