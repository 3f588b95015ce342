import { forbidden } from "@tributary/subgraph-kit/errors";
import type { Identity } from "@tributary/subgraph-kit/identity";
import {
  isStaff,
  mayFulfilOrders,
  mayReadOrders,
  mayRepairOrders,
  mayWriteOrders,
  type Caller,
} from "../domain/visibility.ts";

// The gateway asks for the same before it asks us. We do not hand out orders because somebody forgot to.

/** @throws FORBIDDEN unless the caller may ask for orders */
export function needOrderRead(caller: Caller): void {
  if (!mayReadOrders(caller)) throw forbidden("You may not read orders.");
}

/** @throws FORBIDDEN unless the caller works here */
export function needStaff(caller: Caller, message = "Only staff may list all orders."): void {
  if (!isStaff(caller)) throw forbidden(message);
}

/**
 * @returns the caller's subject: idempotency keys are each caller's own, so a change needs somebody with a name
 * @throws FORBIDDEN unless the caller may place orders and call them off
 */
export function needOrderWrite(caller: Identity): string {
  if (!mayWriteOrders(caller) || caller.subject === null) throw forbidden("You may not change orders.");
  return caller.subject;
}

/**
 * @returns the caller's subject
 * @throws FORBIDDEN unless the caller may ship orders
 */
export function needOrderFulfil(caller: Identity): string {
  if (!mayFulfilOrders(caller) || caller.subject === null) throw forbidden("You may not ship orders.");
  return caller.subject;
}

/**
 * @returns the caller's subject
 * @throws FORBIDDEN unless the caller may go on with orders that stand still
 */
export function needOrderRepair(caller: Identity): string {
  if (!mayRepairOrders(caller) || caller.subject === null) throw forbidden("You may not repair orders.");
  return caller.subject;
}
