import { anonymous, type Identity } from "@tributary/subgraph-kit/identity";

function person(role: string, scope: string, claims: Record<string, unknown> = {}): Identity {
  return {
    subject: `user:${role}`,
    scopes: new Set(scope.split(" ")),
    claims: { roles: [role], ...claims },
  };
}

/** Those whom tests speak for, with the scopes that the local issuer gives them. */
export const people = {
  /** A customer, who sees their own rows. */
  customer: (customerId: string): Identity => ({
    ...person("customer", "contact:read credit:read order:read payment:read order:write", {
      customer_id: customerId,
    }),
    subject: `user:${customerId}`,
  }),
  support: person("support", "customer:any contact:read order:read payment:read customer:write order:write"),
  finance: person("finance", "customer:any credit:read order:read payment:read credit:write payment:refund"),
  admin: person(
    "admin",
    "customer:any contact:read credit:read order:read payment:read customer:write credit:write payment:refund order:write order:fulfil order:repair message:redrive",
  ),
  anonymous,
};
