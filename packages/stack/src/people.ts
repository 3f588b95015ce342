/** The four kinds of people whom the local issuer knows, with what their tokens let them do. */
const SCOPES = {
  customer: "contact:read credit:read order:read payment:read order:write",
  support: "customer:any contact:read order:read payment:read customer:write order:write",
  finance: "customer:any credit:read order:read payment:read credit:write payment:refund",
  admin:
    "customer:any contact:read credit:read order:read payment:read customer:write credit:write payment:refund order:write order:fulfil order:repair message:redrive",
} as const;

export type Person = keyof typeof SCOPES;

export const PEOPLE = Object.keys(SCOPES) as Person[];

/**
 * The claims that the domain reads: `scope`, `roles`, and for a customer which one.
 *
 * @param customerId UUID; of use to a customer alone
 */
export function claimsOf(person: Person, customerId: string | null): Record<string, unknown> {
  const claims = { scope: SCOPES[person], roles: [person] };
  if (person !== "customer") return { ...claims, sub: person };
  return { ...claims, sub: `customer:${customerId}`, customer_id: customerId };
}
