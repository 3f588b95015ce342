import type { Money } from "./money.ts";

export type CustomerStatus = "ACTIVE" | "SUSPENDED" | "CLOSED";

/** Where a customer's post goes. */
export interface PostalAddress {
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string;
}

/** A customer as the database has it. */
export interface CustomerRecord {
  /** UUID, in lower case. */
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly status: CustomerStatus;
  /** Null unless SUSPENDED. */
  readonly suspensionReason: string | null;
  readonly contactName: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly address: PostalAddress | null;
  readonly creditLimit: Money;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What may follow a status. CLOSED is final. */
const following: Readonly<Record<CustomerStatus, readonly CustomerStatus[]>> = {
  ACTIVE: ["SUSPENDED", "CLOSED"],
  SUSPENDED: ["ACTIVE", "CLOSED"],
  CLOSED: [],
};

/** What a change sets; what it leaves out stays. */
export type CustomerChange = Partial<Pick<CustomerRecord, "status" | "suspensionReason" | "creditLimit">>;

/** The customer's status does not allow a change. */
export interface IllegalState {
  readonly kind: "ILLEGAL_STATE";
  readonly state: CustomerStatus;
  readonly message: string;
}

/** An amount is in another currency than the customer's. ISO 4217 codes. */
export interface ForeignCurrency {
  readonly kind: "FOREIGN_CURRENCY";
  readonly expected: string;
  readonly actual: string;
}

/** What a change does to the customer, or why it is refused. */
export type Decision<Refusal> = { readonly change: CustomerChange } | { readonly refusal: Refusal };

type Deciding = Pick<CustomerRecord, "status" | "creditLimit">;

/** ACTIVE -> SUSPENDED, with the reason. */
export function suspend(customer: Deciding, reason: string): Decision<IllegalState> {
  return become(customer, { status: "SUSPENDED", suspensionReason: reason }, "be suspended");
}

/** SUSPENDED -> ACTIVE; the reason goes. */
export function reinstate(customer: Deciding): Decision<IllegalState> {
  return become(customer, { status: "ACTIVE", suspensionReason: null }, "be reinstated");
}

/** A new limit, in the currency of the old one, unless the customer is CLOSED. Credit that is held stays held. */
export function changeCreditLimit(
  customer: Deciding,
  creditLimit: Money,
): Decision<IllegalState | ForeignCurrency> {
  if (customer.status === "CLOSED") return illegal(customer.status, "have their credit limit changed");
  const { currency } = customer.creditLimit;
  if (creditLimit.currency !== currency) {
    return { refusal: { kind: "FOREIGN_CURRENCY", expected: currency, actual: creditLimit.currency } };
  }
  return { change: { creditLimit } };
}

function become(
  { status: from }: Deciding,
  change: Pick<CustomerRecord, "status" | "suspensionReason">,
  verb: string,
): Decision<IllegalState> {
  return following[from].includes(change.status) ? { change } : illegal(from, verb);
}

function illegal(state: CustomerStatus, verb: string): { refusal: IllegalState } {
  return { refusal: { kind: "ILLEGAL_STATE", state, message: `A customer who is ${state} cannot ${verb}.` } };
}
