import {
  createEnvelope,
  PermanentError,
  type Clock,
  type Envelope,
  type MessageHandlers,
} from "@tributary/messaging";
import { z } from "zod";
import type { CreditStore, ReservationRequest } from "../data/credit-store.ts";
import {
  releaseCredit,
  ReservationStateError,
  reserveCredit,
  settleCredit,
  type ReservationOutcome,
} from "../data/reservations.ts";

const RequestData = z.object({
  orderId: z.uuid(),
  customerId: z.uuid(),
  amountMinor: z.int().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/),
});

type Effect = (store: CreditStore, request: ReservationRequest) => Promise<ReservationOutcome>;

/** Creates what the customer context does for the sagas of orders, by the type of the request. */
export function createCreditRequestHandlers(clock: Clock): MessageHandlers<CreditStore> {
  return {
    ReserveCredit: handler(reserveCredit, clock),
    ReleaseCredit: handler(releaseCredit, clock),
    SettleCredit: handler(settleCredit, clock),
  };
}

function handler(effect: Effect, clock: Clock) {
  return async (store: CreditStore, envelope: Envelope): Promise<void> => {
    const parsed = RequestData.safeParse(envelope.data);
    if (!parsed.success) throw new PermanentError(z.prettifyError(parsed.error));
    const { orderId, customerId, amountMinor, currency } = parsed.data;
    const request = { orderId, customerId, amount: { amountMinor, currency } };
    let outcome: ReservationOutcome;
    try {
      outcome = await effect(store, request);
    } catch (error) {
      if (error instanceof ReservationStateError) throw new PermanentError(error.message);
      throw error;
    }
    await store.send([replyTo(envelope, request, { outcome, clock })]);
  };
}

/** What a reservation is after each event. */
const RESERVATION_STATUS = {
  CreditReserved: "HELD",
  CreditReleased: "RELEASED",
  CreditSettled: "SETTLED",
} as const;

/** An event where something happened; where it had happened before, a reply to the order context alone. */
function replyTo(
  cause: Envelope,
  { orderId, customerId, amount }: ReservationRequest,
  { outcome, clock }: { readonly outcome: ReservationOutcome; readonly clock: Clock },
) {
  const rest =
    outcome.type === "CreditReservationFailed"
      ? { reason: outcome.reason }
      : { status: RESERVATION_STATUS[outcome.type] };
  const envelope = createEnvelope({
    id: clock.id(),
    occurredAt: new Date(clock.now()),
    type: outcome.type,
    aggregateType: "credit-reservation",
    aggregateId: orderId,
    aggregateVersion: outcome.version,
    cause,
    data: { orderId, customerId, ...amount, ...rest },
  });
  return { channel: outcome.isNew ? "customer.events" : "order.replies", envelope };
}
