import { parseId } from "./identifier.ts";

/** As much of who is asking as the rules look at. */
export interface Caller {
  /** What they may do at all. */
  readonly scopes: ReadonlySet<string>;
  /** What is known of them: `customer_id` of a customer, `roles` of anybody. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whose payments somebody sees: everybody's, those of one customer, or nobody's. */
export type VisiblePayments = "everybody's" | { readonly customerId: string } | "nobody's";

const STAFF_ROLES = ["support", "finance", "admin"];

/** Whose payments the caller sees. Whatever is not granted is not seen. */
export function visiblePayments({ scopes, claims }: Caller): VisiblePayments {
  if (scopes.has("customer:any")) return "everybody's";
  const customerId = parseId(claims["customer_id"]);
  return customerId === null ? "nobody's" : { customerId };
}

/** Whether a customer's payments are among those. */
export function includes(visible: VisiblePayments, customerId: string): boolean {
  if (typeof visible === "string") return visible === "everybody's";
  return visible.customerId === customerId;
}

/** Whether the caller may ask for payments: fields that lead to them need the scope. */
export function mayReadPayments({ scopes }: Caller): boolean {
  return scopes.has("payment:read");
}

/** Whether the caller may give money back, of payments that they see. */
export function mayRefundPayments({ scopes }: Caller): boolean {
  return scopes.has("payment:refund");
}

/** Whether the caller works here: the policy `staff` of the schema. */
export function isStaff({ claims }: Caller): boolean {
  const roles = claims["roles"];
  return Array.isArray(roles) && STAFF_ROLES.some((role) => roles.includes(role));
}
