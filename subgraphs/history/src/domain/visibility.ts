/** As much of an identity as decides what it may see. */
export interface Caller {
  readonly scopes: ReadonlySet<string>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whose rows a caller may see: everybody's, or one customer's, or nobody's (`null`). */
export type Sight =
  { readonly everybody: true } | { readonly everybody: false; readonly customerId: string | null };

/** The roles of those who work here; the policy `staff` of schema/policies.json. */
const staffRoles: ReadonlySet<unknown> = new Set(["support", "finance", "admin"]);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id as the database writes it (a UUID in lower case); null for text that is the id of nothing. */
export function parseId(text: string): string | null {
  const id = text.toLowerCase();
  return uuid.test(id) ? id : null;
}

/** The scope `customer:any` sees everybody; whoever carries a `customer_id` sees themselves; all others, nobody. */
export function sightOf({ scopes, claims }: Caller): Sight {
  if (scopes.has("customer:any")) return { everybody: true };
  const claim = claims["customer_id"];
  return { everybody: false, customerId: typeof claim === "string" ? parseId(claim) : null };
}

/** Whether the caller may read histories: they show orders and payments, and need the scopes of both. */
export function mayReadHistory({ scopes }: Caller): boolean {
  return scopes.has("order:read") && scopes.has("payment:read");
}

/** @param customerId as `parseId` gives it */
export function isVisible(sight: Sight, customerId: string): boolean {
  return sight.everybody || sight.customerId === customerId;
}

/** Whether the caller works here. */
export function isStaff({ claims }: Pick<Caller, "claims">): boolean {
  const { roles } = claims;
  return Array.isArray(roles) && roles.some((role) => staffRoles.has(role));
}
