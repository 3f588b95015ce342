import type {
  Money,
  SeenCustomer,
  SeenHistoryPayment,
  SeenLedger,
  SeenOrder,
  SeenPayment,
} from "./contexts-seen.ts";
import type { Finding } from "./rules.ts";

// Q5 as clients see it: what the history shows of something is what the thing itself shows.

type Shown = string | number | null | undefined;
type Pairs = readonly (readonly [what: string, shown: Shown, own: Shown])[];

/** Compares an order, its credit and its payments with what the customer's history has of them. */
export function judgeOrderHistory(order: SeenOrder): Finding[] {
  const { historyEntry: entry, creditReservation: credit } = order;
  if (entry === null) return [finding(`order ${order.id}`, ["it is not in the history"])];
  return judge(`order ${order.id}`, [
    ["version", entry.version, order.version],
    ["status", entry.status, order.status],
    ["total", text(entry.total), text(order.total)],
    ["lines", entry.lineCount ?? 0, order.lines.length],
    ["credit's version", entry.creditReservation?.version, credit?.version],
    ["credit's status", entry.creditReservation?.status, credit?.status],
    ["credit", text(entry.creditReservation?.amount), text(credit?.amount)],
    ["number of payments", entry.payments.length, order.payments.totalCount],
    ...order.payments.nodes.flatMap((payment) =>
      paymentPairs(entry.payments.find(({ paymentId }) => paymentId === payment.id) ?? null, payment),
    ),
  ]);
}

/** Compares a payment on account with what the customer's history has of it; one of an order is compared with that. */
export function judgePaymentHistory(payment: SeenLedger): Finding[] {
  if (payment.order !== null) return [];
  const { historyEntry: entry } = payment;
  if (entry === null) return [finding(`payment ${payment.id}`, ["it is not in the history"])];
  return judge(`payment ${payment.id}`, paymentPairs(entry, payment));
}

/** Compares a customer with the head of their history. Counts say whether it has anything that is nowhere else. */
export function judgeCustomerHistory(customer: SeenCustomer): Finding[] {
  const { history } = customer;
  if (history === null) return [finding(`customer ${customer.id}`, ["there is no history of them"])];
  return judge(`customer ${customer.id}`, [
    ["version", history.version, customer.version],
    ["name", history.name, customer.name],
    ["status", history.status, customer.status],
    ["credit limit", text(history.creditLimit), text(customer.creditLimit)],
    ["held credit", text(history.creditHeld), text(customer.creditHeld)],
    ["number of orders", history.orderCount, customer.orders.totalCount],
    ["number of payments", history.paymentCount, customer.payments.totalCount],
  ]);
}

function paymentPairs(shown: SeenHistoryPayment | null, own: SeenPayment): Pairs {
  const of = `payment ${own.id}`;
  return [
    [`${of}'s version`, shown?.version, own.version],
    [`${of}'s status`, shown?.status, own.status],
    [`${of}'s amount`, text(shown?.amount), text(own.amount)],
    [`${of}'s captured amount`, text(shown?.captured), text(own.captured)],
    [`${of}'s refunded amount`, text(shown?.refunded), text(own.refunded)],
  ];
}

function judge(subject: string, pairs: Pairs): Finding[] {
  const what = pairs.flatMap(([name, shown, own]) =>
    shown === own ? [] : [`${name} is ${own ?? "none"}, and ${shown ?? "none"} in the history`],
  );
  return what.length === 0 ? [] : [finding(subject, what)];
}

function finding(subject: string, what: readonly string[]): Finding {
  return { rule: "Q5", subject, what: what.join("; "), mend: "npm run replay -- history", repair: null };
}

function text(money: Money | null | undefined): string | undefined {
  return money ? `${money.amountMinor} ${money.currency}` : undefined;
}
