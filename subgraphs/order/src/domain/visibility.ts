import { parseId } from "./identifier.ts";

/** As much of who is asking as the rules look at. */
export interface Caller {
  /** What they may do at all. */
  readonly scopes: ReadonlySet<string>;
  /** What is known of them: `customer_id` of a customer, `roles` of anybody. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whose orders somebody sees: everybody's, those of one customer, or nobody's. */
export type VisibleOrders = "everybody's" | { readonly customerId: string } | "nobody's";

const STAFF_ROLES = ["support", "finance", "admin"];

/** Whose orders the caller sees. Whatever is not granted is not seen. */
export function visibleOrders({ scopes, claims }: Caller): VisibleOrders {
  if (scopes.has("customer:any")) return "everybody's";
  const customerId = parseId(claims["customer_id"]);
  return customerId === null ? "nobody's" : { customerId };
}

/** Whether a customer's orders are among those. */
export function includes(visible: VisibleOrders, customerId: string): boolean {
  if (typeof visible === "string") return visible === "everybody's";
  return visible.customerId === customerId;
}

/** Whether the caller may ask for orders: fields that lead to them need the scope. */
export function mayReadOrders({ scopes }: Caller): boolean {
  return scopes.has("order:read");
}

/** Whether the caller may place orders and call them off, of those that they see. */
export function mayWriteOrders({ scopes }: Caller): boolean {
  return scopes.has("order:write");
}

/** Whether the caller may ship orders. */
export function mayFulfilOrders({ scopes }: Caller): boolean {
  return scopes.has("order:fulfil");
}

/** Whether the caller may go on with orders that stand still. */
export function mayRepairOrders({ scopes }: Caller): boolean {
  return scopes.has("order:repair");
}

/** Whether the caller works here: the policy `staff` of the schema. */
export function isStaff({ claims }: Caller): boolean {
  const roles = claims["roles"];
  return Array.isArray(roles) && STAFF_ROLES.some((role) => roles.includes(role));
}
