import { forbidden } from "@tributary/subgraph-kit/errors";
import { isStaff, mayReadOrders, type Caller } from "../domain/visibility.ts";

// The gateway asks for the same before it asks us. We do not hand out orders because somebody forgot to.

/** @throws FORBIDDEN unless the caller may ask for orders */
export function needOrderRead(caller: Caller): void {
  if (!mayReadOrders(caller)) throw forbidden("You may not read orders.");
}

/** @throws FORBIDDEN unless the caller works here */
export function needStaff(caller: Caller): void {
  if (!isStaff(caller)) throw forbidden("Only staff may list all orders.");
}
