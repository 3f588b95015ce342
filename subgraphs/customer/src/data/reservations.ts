import { refusalOf, type ReservationRefusal } from "../domain/reservation.ts";
import type { CreditStore, ReservationRequest } from "./credit-store.ts";

/** What became of a request, and whether it did so now or had before. */
export type ReservationOutcome =
  | {
      readonly type: "CreditReserved" | "CreditReleased" | "CreditSettled";
      readonly version: number;
      readonly isNew: boolean;
    }
  | {
      readonly type: "CreditReservationFailed";
      readonly reason: ReservationRefusal;
      readonly version: number;
      readonly isNew: boolean;
    };

/** A reservation is in a state that does not allow what was asked. */
export class ReservationStateError extends Error {
  override readonly name = "ReservationStateError";
}

/**
 * Holds credit for an order, or refuses it for good: the first decision on an order stands, whatever comes later.
 * Requests for one customer take turns, so that what is held never exceeds the limit.
 */
export async function reserveCredit(
  store: CreditStore,
  request: ReservationRequest,
): Promise<ReservationOutcome> {
  const customer = await store.lockCustomer(request.customerId);
  const before = await store.readDecision(request);
  if (before.status !== null) {
    if (before.status === "RELEASED") {
      return { type: "CreditReservationFailed", reason: "RELEASED", version: before.version, isNew: false };
    }
    return { type: "CreditReserved", version: before.version, isNew: false };
  }
  if (before.refusal !== null) {
    return { type: "CreditReservationFailed", reason: before.refusal, version: 1, isNew: false };
  }
  const reason = refusalOf(customer && { ...customer, held: before.held }, request.amount);
  if (reason !== null) {
    await store.refuse(request, reason);
    return { type: "CreditReservationFailed", reason, version: 1, isNew: true };
  }
  await store.hold(request);
  return { type: "CreditReserved", version: 1, isNew: true };
}

/**
 * Gives back the credit that is held for an order. Where none was asked for yet, none will be held any more.
 *
 * @throws {ReservationStateError} where the credit was settled
 */
export async function releaseCredit(
  store: CreditStore,
  request: ReservationRequest,
): Promise<ReservationOutcome> {
  await store.lockCustomer(request.customerId);
  const before = await store.readDecision(request);
  if (before.status === "SETTLED")
    throw new ReservationStateError("credit that was settled cannot be released");
  if (before.status === "HELD") {
    const version = await store.endHold(request.orderId, "RELEASED");
    return { type: "CreditReleased", version, isNew: true };
  }
  if (before.status === null && before.refusal === null) await store.refuse(request, "RELEASED");
  return { type: "CreditReleased", version: before.version, isNew: false };
}

/**
 * Ends the hold of an order that was shipped: what it holds is owed from then on, and no longer credit that is free or
 * not. An order that came from elsewhere may hold nothing.
 *
 * @throws {ReservationStateError} where the credit was released
 */
export async function settleCredit(
  store: CreditStore,
  request: ReservationRequest,
): Promise<ReservationOutcome> {
  await store.lockCustomer(request.customerId);
  const before = await store.readDecision(request);
  if (before.status === "RELEASED")
    throw new ReservationStateError("credit that was released cannot be settled");
  if (before.status === "HELD") {
    const version = await store.endHold(request.orderId, "SETTLED");
    return { type: "CreditSettled", version, isNew: true };
  }
  return { type: "CreditSettled", version: before.version, isNew: false };
}
