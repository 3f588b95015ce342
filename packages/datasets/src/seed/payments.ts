import type { LoadedLedgerEntry, LoadedPayment } from "@tributary/payment/load";
import { generatedId } from "../ids.ts";
import type { CustomerPlan } from "./customer-plan.ts";
import type { OrderPlan } from "./order-plan.ts";
import { DAY, EPOCH, HOUR } from "./order-plan.ts";
import type { AccountPaymentPath, AccountPaymentPlan } from "./payment-plan.ts";

/** The customer's payments: one for each order that came to paying, and those on account. */
export function paymentRows(plan: CustomerPlan): LoadedPayment[] {
  const customerId = generatedId("customers", plan.index);
  const payments: LoadedPayment[] = [];
  for (const order of plan.orders) {
    const payment = orderPayment(order, customerId);
    if (payment !== null) payments.push(payment);
  }
  for (const payment of plan.accountPayments) payments.push(accountPayment(payment, customerId));
  return payments;
}

function orderPayment(order: OrderPlan, customerId: string): LoadedPayment | null {
  const path = paymentPath(order);
  if (path === null) return null;
  const undone = order.path.startsWith("CALLED_OFF");
  return build(path, {
    key: order.key,
    customerId,
    orderId: generatedId("orders", order.key),
    reference: null,
    method: "CARD",
    currency: order.currency,
    amountMinor: order.totalMinor,
    refundedMinor: path === "REFUNDED" ? order.totalMinor : order.refundedMinor,
    refundReason: undone ? "order called off" : "goods returned",
    declineReason: "card declined",
    requestedAt: order.reservedAt + 50,
    authorisedAt: order.authorisedAt,
    capturedAt: order.confirmedAt,
    undoneAt: undone ? order.endedAt : order.fulfilledAt + 6 * HOUR,
  });
}

/** What became of the payment of an order; null where it never came to one. */
function paymentPath(order: OrderPlan): AccountPaymentPath | null {
  switch (order.path) {
    case "PAYMENT_AUTHORISED":
      return "AUTHORISED";
    case "CONFIRMED":
      return "CAPTURED";
    case "FULFILLED":
      return order.refundedMinor > 0 ? "PARTIALLY_REFUNDED" : "CAPTURED";
    case "DECLINED":
      return "DECLINED";
    case "CALLED_OFF_AUTHORISED":
      return "VOIDED";
    case "CALLED_OFF_CONFIRMED":
      return "REFUNDED";
    default:
      return null;
  }
}

function accountPayment(plan: AccountPaymentPlan, customerId: string): LoadedPayment {
  const { requestedAt } = plan;
  return build(plan.path, {
    ...plan,
    customerId,
    orderId: null,
    refundReason: "paid too much",
    declineReason: "insufficient funds",
    authorisedAt: requestedAt + 10 * 60_000,
    capturedAt: requestedAt + HOUR,
    undoneAt: Math.min(requestedAt + 3 * DAY, EPOCH),
  });
}

interface PaymentFacts {
  readonly key: string;
  readonly customerId: string;
  readonly orderId: string | null;
  readonly reference: string | null;
  readonly method: LoadedPayment["method"];
  readonly currency: string;
  readonly amountMinor: number;
  readonly refundedMinor: number;
  readonly refundReason: string;
  readonly declineReason: string;
  readonly requestedAt: number;
  /** When it was authorised, or declined. */
  readonly authorisedAt: number;
  readonly capturedAt: number;
  /** When it was voided or refunded. */
  readonly undoneAt: number;
}

function build(path: AccountPaymentPath, facts: PaymentFacts): LoadedPayment {
  const { amountMinor } = facts;
  const ledger: LoadedLedgerEntry[] = [];
  const add = (type: LoadedLedgerEntry["type"], minor: number, at: number): void =>
    void ledger.push({
      type,
      amountMinor: minor,
      reason: type === "REFUND" ? facts.refundReason : null,
      occurredAt: new Date(at),
    });
  const captured = path === "CAPTURED" || path === "PARTIALLY_REFUNDED" || path === "REFUNDED";
  const refundedMinor = path === "PARTIALLY_REFUNDED" || path === "REFUNDED" ? facts.refundedMinor : 0;
  if (path !== "REQUESTED" && path !== "DECLINED") add("AUTHORISATION", amountMinor, facts.authorisedAt);
  if (captured) add("CAPTURE", amountMinor, facts.capturedAt);
  if (refundedMinor > 0) add("REFUND", refundedMinor, facts.undoneAt);
  if (path === "VOIDED") add("VOID", amountMinor, facts.undoneAt);
  const changedAt = path === "DECLINED" ? facts.authorisedAt : facts.requestedAt;
  return {
    id: generatedId("payments", facts.key),
    customerId: facts.customerId,
    orderId: facts.orderId,
    reference: facts.reference,
    status: path,
    method: facts.method,
    amountMinor,
    capturedMinor: captured ? amountMinor : 0,
    refundedMinor,
    currency: facts.currency,
    declineReason: path === "DECLINED" ? facts.declineReason : null,
    requestedAt: new Date(facts.requestedAt),
    capturedAt: captured ? new Date(facts.capturedAt) : null,
    // Each change of the payment, the first being that it was asked for.
    version: 1 + (path === "DECLINED" ? 1 : ledger.length),
    updatedAt: ledger.at(-1)?.occurredAt ?? new Date(changedAt),
    ledger,
  };
}
