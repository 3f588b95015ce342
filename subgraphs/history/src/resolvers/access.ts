import { forbidden } from "@tributary/subgraph-kit/errors";
import { isStaff, mayReadHistory, type Caller } from "../domain/visibility.ts";

// The gateway asks for the same before it asks us. We do not hand out histories because somebody forgot to.

/** @throws FORBIDDEN unless the caller may read histories */
export function needHistoryRead(caller: Caller): void {
  if (!mayReadHistory(caller)) throw forbidden("You may not read histories.");
}

/** @throws FORBIDDEN unless the caller may read what is known of credit */
export function needCreditRead({ scopes }: Caller): void {
  if (!scopes.has("credit:read")) throw forbidden();
}

/** @throws FORBIDDEN unless the caller works here */
export function needStaff(caller: Caller): void {
  if (!isStaff(caller)) throw forbidden("Only staff may compare histories.");
}
