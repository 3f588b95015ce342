import { failures, idempotently } from "@tributary/subgraph-kit";
import { parseId } from "../domain/identifier.ts";
import type { Money } from "../domain/money.ts";
import { refundableOf, refundPayment } from "../domain/payment-commands.ts";
import { PaymentError } from "../domain/payment-error.ts";
import type { Payment } from "../domain/payment.ts";
import { refundFaults, type Refund } from "../domain/refund.ts";
import type { VisiblePayments } from "../domain/visibility.ts";
import type { Prisma } from "../generated/prisma/client.ts";
import type { Database } from "./database.ts";
import { lockPayment, savePayment } from "./payment-store.ts";
import { revivePayment, storePayment, type StoredPayment } from "./stored-payment.ts";

type Refusal =
  | ReturnType<(typeof failures)["invalidInput" | "notFound" | "staleVersion" | "illegalState"]>
  | ReturnType<(typeof failures)["currencyMismatch" | "idempotencyKeyReused"]>
  | { __typename: "RefundExceedsCaptured"; message: string; refundable: Money };

/** What became of a refund: the payment as it left it, or why there was none. */
export type RefundAnswer = { __typename: "PaymentChanged"; payment: Payment } | Refusal;

/** The answer as it is kept under its idempotency key. */
type StoredAnswer = { __typename: "PaymentChanged"; payment: StoredPayment } | Refusal;

/** Requests for the same payment take turns: how long one waits for its turn, and may take, in milliseconds. */
const TURN_MS = 10_000;

/** Gives money back. */
export interface Refunds {
  /**
   * @param caller the subject of whoever asks
   */
  refund(refund: Refund, caller: string): Promise<RefundAnswer>;
}

export function createRefunds({ prisma }: Database, visible: VisiblePayments): Refunds {
  return {
    async refund(refund, caller) {
      const faults = refundFaults(refund);
      if (faults.length > 0) return failures.invalidInput(faults);
      const paymentId = parseId(refund.paymentId);
      if (paymentId === null) return failures.notFound(refund.paymentId);
      const { idempotencyKey: key, ...input } = refund;
      const answer = await prisma.$transaction(
        (transaction) =>
          idempotently<StoredAnswer>(transaction, { operation: "refundPayment", caller, key, input }, () =>
            refundOnce(transaction, { ...refund, paymentId }, visible),
          ),
        { isolationLevel: "ReadCommitted", maxWait: TURN_MS, timeout: TURN_MS },
      );
      return answer.__typename === "PaymentChanged"
        ? { ...answer, payment: revivePayment(answer.payment) }
        : answer;
    },
  };
}

async function refundOnce(
  transaction: Prisma.TransactionClient,
  { paymentId, amount, reason, expectedVersion }: Refund,
  visible: VisiblePayments,
): Promise<StoredAnswer> {
  const before = await lockPayment(transaction, paymentId, visible);
  if (!before) return failures.notFound(paymentId);
  if (before.version !== expectedVersion) return failures.staleVersion(expectedVersion, before.version);
  try {
    const after = refundPayment(before, { amount, reason }, new Date());
    await savePayment(transaction, before, after);
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
