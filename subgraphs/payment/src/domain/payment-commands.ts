import { appended } from "./ledger.ts";
import { addMoney, createMoney, subtractMoney, type Money } from "./money.ts";
import { PaymentError } from "./payment-error.ts";
import type { LedgerEntryRecord, Payment, PaymentRecord, PaymentStatus } from "./payment.ts";

// REQUESTED -> AUTHORISED -> CAPTURED -> PARTIALLY_REFUNDED -> REFUNDED
//     |            |
//     +-> DECLINED +-> VOIDED (from REQUESTED too: then there is nothing to let go of)
//
// All of the amount is authorised, captured and let go of at once; it is given back in parts.

/** What is known of a payment when it is asked for. */
export type RequestedPayment = Pick<
  PaymentRecord,
  "id" | "customerId" | "orderId" | "reference" | "method" | "amount" | "requestedAt"
>;

/**
 * A new payment.
 *
 * @throws {PaymentError} INVALID_AMOUNT where the amount is not above zero
 */
export function requestPayment(requested: RequestedPayment): Payment {
  needAboveZero(requested.amount);
  const nothing = createMoney(0, requested.amount.currency);
  return {
    ...requested,
    status: "REQUESTED",
    captured: nothing,
    refunded: nothing,
    declineReason: null,
    capturedAt: null,
    version: 1,
    updatedAt: requested.requestedAt,
    ledger: [],
  };
}

/**
 * All of the money is set aside for us.
 *
 * @throws {PaymentError} ILLEGAL_STATE unless the payment is REQUESTED
 */
export function authorisePayment(payment: Payment, at: Date): Payment {
  needStatus(payment, "authorised", ["REQUESTED"]);
  return changed(
    payment,
    { status: "AUTHORISED", movement: { type: "AUTHORISATION", amount: payment.amount } },
    at,
  );
}

/**
 * Whoever holds the money refused.
 *
 * @throws {PaymentError} ILLEGAL_STATE unless the payment is REQUESTED
 */
export function declinePayment(payment: Payment, reason: string, at: Date): Payment {
  needStatus(payment, "declined", ["REQUESTED"]);
  return changed(payment, { status: "DECLINED", declineReason: reason }, at);
}

/**
 * All of the money that was set aside becomes ours.
 *
 * @throws {PaymentError} ILLEGAL_STATE unless the payment is AUTHORISED
 */
export function capturePayment(payment: Payment, at: Date): Payment {
  needStatus(payment, "captured", ["AUTHORISED"]);
  const { amount } = payment;
  const movement = { type: "CAPTURE", amount } as const;
  return changed(payment, { status: "CAPTURED", captured: amount, capturedAt: at, movement }, at);
}

/**
 * The payment is given up before any money was captured; what was set aside is let go.
 *
 * @throws {PaymentError} ILLEGAL_STATE unless the payment is REQUESTED or AUTHORISED
 */
export function voidPayment(payment: Payment, reason: string | null, at: Date): Payment {
  needStatus(payment, "voided", ["REQUESTED", "AUTHORISED"]);
  const { status, amount } = payment;
  const change = { status: "VOIDED" } as const;
  if (status === "REQUESTED") return changed(payment, change, at);
  return changed(payment, { ...change, movement: { type: "VOID", amount, reason } }, at);
}

/**
 * Gives some or all of the captured money back.
 *
 * @param refund its amount is above zero, in the payment's currency
 * @throws {PaymentError} INVALID_AMOUNT; ILLEGAL_STATE unless the payment is CAPTURED or PARTIALLY_REFUNDED;
 *   CURRENCY_MISMATCH; REFUND_EXCEEDS_CAPTURED
 */
export function refundPayment(
  payment: Payment,
  { amount, reason }: { readonly amount: Money; readonly reason: string },
  at: Date,
): Payment {
  needAboveZero(amount);
  needStatus(payment, "refunded", ["CAPTURED", "PARTIALLY_REFUNDED"]);
  const { captured } = payment;
  if (amount.currency !== captured.currency) {
    throw new PaymentError("CURRENCY_MISMATCH", `The payment is in ${captured.currency}.`);
  }
  if (amount.amountMinor > refundableOf(payment).amountMinor) {
    throw new PaymentError(
      "REFUND_EXCEEDS_CAPTURED",
      "That is more than what is left of the captured money.",
    );
  }
  const refunded = addMoney(payment.refunded, amount);
  const status = refunded.amountMinor === captured.amountMinor ? "REFUNDED" : "PARTIALLY_REFUNDED";
  return changed(payment, { status, refunded, movement: { type: "REFUND", amount, reason } }, at);
}

/** How much can still be given back. */
export function refundableOf({ captured, refunded }: PaymentRecord): Money {
  return subtractMoney(captured, refunded);
}

/** What a command does to a payment: to itself, and to its ledger. */
interface Change extends Partial<PaymentRecord> {
  /** Where money moved. */
  readonly movement?: Pick<LedgerEntryRecord, "type" | "amount"> & { readonly reason?: string | null };
}

function changed(payment: Payment, { movement, ...change }: Change, at: Date): Payment {
  return {
    ...payment,
    ...change,
    version: payment.version + 1,
    updatedAt: at,
    ledger: movement ? appended(payment, { reason: null, ...movement, occurredAt: at }) : payment.ledger,
  };
}

function needStatus({ status }: Payment, participle: string, allowed: readonly PaymentStatus[]): void {
  if (allowed.includes(status)) return;
  throw new PaymentError("ILLEGAL_STATE", `A payment that is ${status} cannot be ${participle}.`);
}

function needAboveZero({ amountMinor }: Money): void {
  if (amountMinor > 0) return;
  throw new PaymentError("INVALID_AMOUNT", `${amountMinor} is not above zero`);
}
