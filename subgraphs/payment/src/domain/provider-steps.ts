import {
  authorisePayment,
  capturePayment,
  declinePayment,
  refundableOf,
  refundPayment,
  voidPayment,
} from "./payment-commands.ts";
import type { Money } from "./money.ts";
import type { Payment, PaymentRecord } from "./payment.ts";
import type { ProviderAction, ProviderAnswer } from "./provider.ts";

/** What is wanted of a payment's money: a reversal is a void or a refund, as far as the payment has come. */
export type WantedAction = "AUTHORISE" | "CAPTURE" | "REVERSE" | "REFUND";

/** What the provider has to be asked; null where nothing is left to do, as with a payment that was declined. */
export interface ProviderStep {
  readonly action: ProviderAction;
  readonly amount: Money;
}

/**
 * Finds what the provider has to be asked for a wanted action, as the payment stands now.
 *
 * @param amount of a refund; the others move all of the payment
 */
export function providerStep(
  payment: PaymentRecord,
  wanted: WantedAction,
  amount: Money,
): ProviderStep | null {
  const { status } = payment;
  switch (wanted) {
    case "AUTHORISE":
      return status === "REQUESTED" ? { action: "AUTHORISE", amount: payment.amount } : null;
    case "CAPTURE":
      return status === "AUTHORISED" ? { action: "CAPTURE", amount: payment.amount } : null;
    case "REVERSE":
      if (status === "AUTHORISED") return { action: "VOID", amount: payment.amount };
      return status === "CAPTURED" || status === "PARTIALLY_REFUNDED"
        ? { action: "REFUND", amount: refundableOf(payment) }
        : null;
    case "REFUND":
      // The ledger has it already: what was promised to the client is done until it is.
      return { action: "REFUND", amount };
  }
}

/** The payment after the provider's answer. A refund that a client asked for is in the ledger before it is made. */
export function afterAnswer(
  payment: Payment,
  {
    wanted,
    answer,
    at,
  }: { readonly wanted: WantedAction; readonly answer: ProviderAnswer; readonly at: Date },
): Payment {
  if (answer.outcome === "DECLINED") {
    return wanted === "AUTHORISE" ? declinePayment(payment, answer.reason, at) : payment;
  }
  switch (wanted) {
    case "AUTHORISE":
      return authorisePayment(payment, at);
    case "CAPTURE":
      return capturePayment(payment, at);
    case "REVERSE":
      return reversed(payment, at);
    case "REFUND":
      return payment;
  }
}

const CALLED_OFF = "the order was called off";

function reversed(payment: Payment, at: Date): Payment {
  if (payment.status === "AUTHORISED") return voidPayment(payment, CALLED_OFF, at);
  return refundPayment(payment, { amount: refundableOf(payment), reason: CALLED_OFF }, at);
}
