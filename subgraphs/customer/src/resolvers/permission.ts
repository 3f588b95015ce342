import { forbidden } from "@tributary/subgraph-kit/errors";
import type { Identity } from "@tributary/subgraph-kit/identity";
import { isStaff } from "../domain/visibility.ts";

// The gateway enforces what the schema says of fields. This is for whoever holds a token and goes past it.

/** @throws FORBIDDEN where the caller lacks the scope */
export function requireScope({ scopes }: Identity, scope: string): void {
  if (!scopes.has(scope)) throw forbidden();
}

/** @throws FORBIDDEN where the caller does not work here */
export function requireStaff(identity: Identity): void {
  if (!isStaff(identity)) throw forbidden();
}

/**
 * The name under which a change is made.
 *
 * @throws FORBIDDEN where the caller lacks the scope, or is nobody
 */
export function requireAuthor(identity: Identity, scope: string): string {
  requireScope(identity, scope);
  if (identity.subject === null) throw forbidden();
  return identity.subject;
}

/** @throws FORBIDDEN where the caller may not see what orders hold of credit */
export function requireReservationSight(identity: Identity): void {
  requireStaff(identity);
  requireScope(identity, "credit:read");
}
