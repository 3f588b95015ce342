import type { OrderCommand } from "./order-commands.ts";
import { illegal, type OrderRow } from "./order-state.ts";

// Capture is the pivot: before it every step can be undone, after it every step is asked for until it is done.

/** What the saga of an order asks another context for. */
export const SAGA_STEPS = [
  "RESERVE_CREDIT",
  "AUTHORISE_PAYMENT",
  "CAPTURE_PAYMENT",
  "REVERSE_PAYMENT",
  "RELEASE_CREDIT",
  "SETTLE_CREDIT",
] as const;

export type SagaStep = (typeof SAGA_STEPS)[number];

/** How far a saga has come. */
export interface Saga {
  readonly orderId: string;
  /** Null while nothing is asked. */
  readonly step: SagaStep | null;
  /** Id of the message that asked last: only the reply to this one counts. */
  readonly requestId: string | null;
  /** How often the step was asked for. */
  readonly attempts: number;
  /** When it is asked for again, or given up. */
  readonly deadline: Date | null;
  readonly traceparent: string | null;
}

/** As much of a saga as the API shows. */
export type SagaProgress = Pick<Saga, "step" | "attempts" | "deadline">;

/** What another context replied: the type of its event, and its data. */
export interface SagaReply {
  readonly type: string;
  readonly data: { readonly reason?: unknown; readonly paymentId?: unknown };
}

/** What a reply or a deadline leads to: commands for the order, one after another, and what is asked for next. */
export interface SagaMove {
  readonly commands: readonly OrderCommand[];
  readonly next: SagaStep | null;
}

type MovingOrder = Pick<OrderRow, "status" | "paymentTerms">;

/** The replies that end each step; a step asked for until it is done knows no refusal. */
const REPLIES: Readonly<Record<SagaStep, readonly string[]>> = {
  RESERVE_CREDIT: ["CreditReserved", "CreditReservationFailed"],
  AUTHORISE_PAYMENT: ["PaymentAuthorised", "PaymentDeclined"],
  // One that was given back in part meanwhile was captured before.
  CAPTURE_PAYMENT: ["PaymentCaptured", "PaymentRefunded"],
  // One that was declined meanwhile has nothing to give back.
  REVERSE_PAYMENT: ["PaymentVoided", "PaymentRefunded", "PaymentDeclined"],
  RELEASE_CREDIT: ["CreditReleased"],
  SETTLE_CREDIT: ["CreditSettled"],
};

/** Every type of message that is a reply to a step. */
export const REPLY_TYPES: readonly string[] = [...new Set(Object.values(REPLIES).flat())];

/** How often a step that can still be undone is asked for before the order is called off. */
const ATTEMPTS_BEFORE_PIVOT = 5;

/** The reason of an order that was called off because another context did not reply. */
export const TIMED_OUT = "TIMED_OUT";

/**
 * Decides what the reply to the last request leads to.
 *
 * @param step what was asked for
 * @returns null where the reply does not answer the step, which is then still waited for
 */
export function onReply(step: SagaStep, order: MovingOrder, reply: SagaReply): SagaMove | null {
  if (!REPLIES[step].includes(reply.type)) return null;
  switch (reply.type) {
    case "CreditReserved": {
      const reserved = { type: "RecordCreditReserved" } as const;
      return order.paymentTerms === "PREPAID"
        ? { commands: [reserved], next: "AUTHORISE_PAYMENT" }
        : { commands: [reserved, { type: "ConfirmOrder" }], next: null };
    }
    case "CreditReservationFailed":
      return { commands: [{ type: "RecordCreditRefused", reason: text(reply.data.reason) }], next: null };
    case "PaymentAuthorised":
      return {
        commands: [{ type: "RecordPaymentAuthorised", paymentId: text(reply.data.paymentId) }],
        next: "CAPTURE_PAYMENT",
      };
    case "PaymentDeclined":
      if (step === "REVERSE_PAYMENT") return { commands: [], next: "RELEASE_CREDIT" };
      return {
        commands: [{ type: "RecordPaymentDeclined", reason: text(reply.data.reason) }],
        next: "RELEASE_CREDIT",
      };
    case "PaymentCaptured":
      return { commands: [{ type: "ConfirmOrder" }], next: null };
    case "PaymentRefunded":
      if (step === "CAPTURE_PAYMENT") return { commands: [{ type: "ConfirmOrder" }], next: null };
      return { commands: [], next: "RELEASE_CREDIT" };
    case "PaymentVoided":
      return { commands: [], next: "RELEASE_CREDIT" };
    case "CreditReleased":
      return { commands: released(order), next: null };
    default:
      return { commands: [], next: null }; // CreditSettled
  }
}

/**
 * Decides what happens at a deadline: the step is asked for again, or, before the pivot and after several tries, the
 * order is called off.
 *
 * @param step what was asked for
 * @param attempts how often
 */
export function onDeadline(step: SagaStep, order: MovingOrder, attempts: number): SagaMove {
  const canBeUndone = step === "RESERVE_CREDIT" || step === "AUTHORISE_PAYMENT";
  if (canBeUndone && attempts >= ATTEMPTS_BEFORE_PIVOT) return cancellation(order, TIMED_OUT);
  return { commands: [], next: step };
}

/** Calls an order off: what was held or paid for it is given back in reverse. */
export function cancellation(order: MovingOrder, reason: string | null): SagaMove {
  // A payment is asked for only once credit is held.
  const paid = order.status !== "PENDING" && order.paymentTerms === "PREPAID";
  return {
    commands: [{ type: "RequestCancellation", reason }],
    next: paid ? "REVERSE_PAYMENT" : "RELEASE_CREDIT",
  };
}

/** Ships an order: the credit that it held is settled. */
export const fulfilment: SagaMove = { commands: [{ type: "FulfilOrder" }], next: "SETTLE_CREDIT" };

/** The states of an order in which each step is waited for. */
const WAITED_FOR_IN: Readonly<Record<SagaStep, readonly OrderRow["status"][]>> = {
  RESERVE_CREDIT: ["PENDING"],
  AUTHORISE_PAYMENT: ["CREDIT_RESERVED"],
  CAPTURE_PAYMENT: ["PAYMENT_AUTHORISED"],
  REVERSE_PAYMENT: ["CANCELLING"],
  RELEASE_CREDIT: ["REJECTING", "CANCELLING", "REJECTED", "CANCELLED"],
  SETTLE_CREDIT: ["FULFILLED"],
};

/**
 * Goes on with an order that stands still: what it waits for is asked for again; the credit of one that was called off
 * is released again, in case it still holds some. Nothing is captured or given back that the order had not asked for.
 *
 * @param step what was asked for and has no reply yet; null where nothing was
 * @throws {OrderError} ILLEGAL_TRANSITION where nothing is to be asked, or the step is none of the order's state
 */
export function resumption(order: OrderRow, step: SagaStep | null): SagaMove {
  const next =
    step ??
    (order.status === "CANCELLING" && order.paymentTerms === "PREPAID"
      ? "REVERSE_PAYMENT"
      : "RELEASE_CREDIT");
  if (!WAITED_FOR_IN[next].includes(order.status)) throw illegal(order, "resumption");
  return { commands: [], next };
}

/** The first step of every order. */
export const placement: SagaMove = { commands: [], next: "RESERVE_CREDIT" };

/** What the release of its credit makes of an order: nothing where it was called off before. */
function released({ status }: MovingOrder): OrderCommand[] {
  if (status === "REJECTED" || status === "CANCELLED") return [];
  return [{ type: status === "REJECTING" ? "FinishRejection" : "FinishCancellation" }];
}

const LONGEST_PATIENCE_MS = 300_000;

/**
 * The moment at which a step is asked for again: the wait doubles with each attempt up to five minutes, and is spread
 * over half of it so that sagas which were held up together do not ask again together.
 *
 * @param attempts 1 for the first request
 * @param options.patienceMs how long the first reply is waited for, in milliseconds
 * @param options.spread by chance, from 0 to 1
 */
export function deadlineAfter(
  at: Date,
  attempts: number,
  { patienceMs, spread }: { readonly patienceMs: number; readonly spread: number },
): Date {
  const wait = Math.min(patienceMs * 2 ** (attempts - 1), LONGEST_PATIENCE_MS);
  return new Date(at.getTime() + Math.round(wait * (1 + spread / 2)));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
