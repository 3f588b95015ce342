import type { LedgerEntryRecord, Payment, PaymentRecord, PaymentStatus } from "./payment.ts";

/** The event that tells of a payment's state. */
const EVENTS: Readonly<Record<PaymentStatus, string>> = {
  REQUESTED: "PaymentRequested",
  AUTHORISED: "PaymentAuthorised",
  CAPTURED: "PaymentCaptured",
  DECLINED: "PaymentDeclined",
  VOIDED: "PaymentVoided",
  PARTIALLY_REFUNDED: "PaymentRefunded",
  REFUNDED: "PaymentRefunded",
};

/** Says how a payment stands: the type of the event, and its data. */
export function paymentMessage(payment: Payment): { readonly type: string; readonly data: object } {
  const refunds = payment.ledger.filter(({ type }) => type === "REFUND");
  return {
    type: EVENTS[payment.status],
    data: paymentMessageData(payment, refunds.slice(-MOST_REFUNDS), refunds.length),
  };
}

/** How many of a payment's refunds a message tells of, the last ones. */
export const MOST_REFUNDS = 10;

/**
 * What each message about a payment says of it, so that nobody needs those before.
 *
 * @param lastRefunds at most {@link MOST_REFUNDS}, oldest first
 * @param refundCount how many there are in all
 */
export function paymentMessageData(
  payment: PaymentRecord,
  lastRefunds: readonly LedgerEntryRecord[],
  refundCount: number,
): object {
  const { id: paymentId, orderId, customerId, reference, status, method, declineReason } = payment;
  return {
    paymentId,
    orderId,
    customerId,
    reference,
    status,
    method,
    amountMinor: payment.amount.amountMinor,
    capturedMinor: payment.captured.amountMinor,
    refundedMinor: payment.refunded.amountMinor,
    currency: payment.amount.currency,
    requestedAt: payment.requestedAt.toISOString(),
    capturedAt: payment.capturedAt?.toISOString() ?? null,
    refunds: lastRefunds.map(({ sequence, amount, reason, occurredAt }) => ({
      sequence,
      amountMinor: amount.amountMinor,
      reason,
      occurredAt: occurredAt.toISOString(),
    })),
    refundCount,
    ...(declineReason === null ? {} : { reason: declineReason }),
  };
}
