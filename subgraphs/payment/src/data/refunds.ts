import type { Clock, Transact } from "@tributary/messaging";
import { failures, idempotently } from "@tributary/subgraph-kit";
import { parseId } from "../domain/identifier.ts";
import type { Money } from "../domain/money.ts";
import { refundableOf, refundPayment } from "../domain/payment-commands.ts";
import { PaymentError } from "../domain/payment-error.ts";
import type { Payment } from "../domain/payment.ts";
import { refundFaults, type Refund } from "../domain/refund.ts";
import type { VisiblePayments } from "../domain/visibility.ts";
import { tell } from "./payment-outbox.ts";
import type { PaymentStore } from "./payment-store.ts";
import { revivePayment, storePayment, type StoredPayment } from "./stored-payment.ts";

type Refusal =
  | ReturnType<(typeof failures)["invalidInput" | "notFound" | "staleVersion" | "illegalState"]>
  | ReturnType<(typeof failures)["currencyMismatch" | "idempotencyKeyReused"]>
  | { __typename: "RefundExceedsCaptured"; message: string; refundable: Money };

/** What became of a refund: the payment as it left it, or why there was none. */
export type RefundAnswer = { __typename: "PaymentChanged"; payment: Payment } | Refusal;

/** The answer as it is kept under its idempotency key. */
type StoredAnswer = { __typename: "PaymentChanged"; payment: StoredPayment } | Refusal;

/** Gives money back. */
export interface Refunds {
  /**
   * @param caller the subject of whoever asks
   */
  refund(refund: Refund, caller: string): Promise<RefundAnswer>;
}

export interface RefundsOptions {
  readonly visible: VisiblePayments;
  /** W3C trace context of the request. */
  readonly traceparent: string;
  readonly clock: Clock;
  /** Called after each refund's commit. */
  readonly afterCommit: () => void;
}

export function createRefunds(transact: Transact<PaymentStore>, options: RefundsOptions): Refunds {
  return {
    async refund(refund, caller) {
      const faults = refundFaults(refund);
      if (faults.length > 0) return failures.invalidInput(faults);
      const paymentId = parseId(refund.paymentId);
      if (paymentId === null) return failures.notFound(refund.paymentId);
      const { idempotencyKey: key, ...input } = refund;
      const answer = await transact((store) =>
        idempotently<StoredAnswer>(store, { operation: "refundPayment", caller, key, input }, () =>
          refundOnce(store, { ...refund, paymentId }, options),
        ),
      );
      if (answer.__typename !== "PaymentChanged") return answer;
      options.afterCommit();
      return { ...answer, payment: revivePayment(answer.payment) };
    },
  };
}

/** Writes the refund into the ledger, and notes that the provider has to make it: it is done until it is. */
async function refundOnce(
  store: PaymentStore,
  { paymentId, amount, reason, expectedVersion }: Refund,
  { visible, traceparent, clock }: RefundsOptions,
): Promise<StoredAnswer> {
  const before = await store.lockPayment(paymentId, visible);
  if (!before) return failures.notFound(paymentId);
  if (before.version !== expectedVersion) return failures.staleVersion(expectedVersion, before.version);
  // The provider may be giving all of it back at this moment: this would go out on top of that.
  if (await store.hasOpenReversal(paymentId)) {
    return failures.illegalState(
      before.status,
      "The payment is being given back, as its order was called off.",
    );
  }
  try {
    const after = refundPayment(before, { amount, reason }, new Date(clock.now()));
    await store.savePayment(before, after);
    const cause = { requestId: null, correlationId: before.orderId ?? paymentId, traceparent };
    const { amountMinor } = amount;
    await store.addProviderCall({ id: clock.id(), paymentId, action: "REFUND", amountMinor, ...cause });
    await tell(store, after, { channel: "payment.events", cause, clock });
    return { __typename: "PaymentChanged", payment: storePayment(after) };
  } catch (error) {
    if (error instanceof PaymentError) return refusalOf(error, before, amount);
    throw error;
  }
}

/** @throws the error, where it is none that a client can do something about */
function refusalOf(error: PaymentError, payment: Payment, asked: Money): Refusal {
  switch (error.code) {
    case "ILLEGAL_STATE":
      return failures.illegalState(payment.status, error.message);
    case "CURRENCY_MISMATCH":
      return failures.currencyMismatch(payment.amount.currency, asked.currency);
    case "REFUND_EXCEEDS_CAPTURED":
      return {
        __typename: "RefundExceedsCaptured",
        message: error.message,
        refundable: refundableOf(payment),
      };
    default:
      throw error;
  }
}
