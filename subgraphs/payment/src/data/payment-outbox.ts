import { createEnvelope, type Clock } from "@tributary/messaging";
import { paymentMessage } from "../domain/payment-messages.ts";
import type { Payment } from "../domain/payment.ts";
import type { PaymentStore } from "./payment-store.ts";

/** What led to a message about a payment. */
export interface MessageCause {
  /** The message that asked; null where a client did. */
  readonly requestId: string | null;
  readonly correlationId: string;
  readonly traceparent: string | null;
}

/**
 * Tells how a payment stands: as an event where something has happened to it, and as a reply to the order context alone
 * where it had happened before.
 */
export async function tell(
  store: Pick<PaymentStore, "send">,
  payment: Payment,
  {
    channel,
    cause,
    clock,
  }: {
    readonly channel: "payment.events" | "order.replies";
    readonly cause: MessageCause;
    readonly clock: Clock;
  },
): Promise<void> {
  const message = paymentMessage(payment);
  const envelope = createEnvelope({
    ...message,
    id: clock.id(),
    occurredAt: new Date(clock.now()),
    aggregateType: "payment",
    aggregateId: payment.id,
    aggregateVersion: payment.version,
    correlationId: cause.correlationId,
    traceparent: cause.traceparent,
  });
  await store.send([{ channel, envelope: { ...envelope, causationId: cause.requestId } }]);
}
