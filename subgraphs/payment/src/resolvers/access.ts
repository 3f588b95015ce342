import { forbidden } from "@tributary/subgraph-kit/errors";
import type { Identity } from "@tributary/subgraph-kit/identity";
import { isStaff, mayReadPayments, mayRefundPayments, type Caller } from "../domain/visibility.ts";

// The gateway asks for the same before it asks us. We do not hand out payments because somebody forgot to.

/** @throws FORBIDDEN unless the caller may ask for payments */
export function needPaymentRead(caller: Caller): void {
  if (!mayReadPayments(caller)) throw forbidden("You may not read payments.");
}

/**
 * @returns the caller's subject: idempotency keys are each caller's own, so a change needs somebody with a name
 * @throws FORBIDDEN unless the caller may give money back
 */
export function needPaymentRefund(caller: Identity): string {
  if (!mayRefundPayments(caller) || caller.subject === null) throw forbidden("You may not refund payments.");
  return caller.subject;
}

/** @throws FORBIDDEN unless the caller works here */
export function needStaff(caller: Caller): void {
  if (!isStaff(caller)) throw forbidden("Only staff may list all payments.");
}
