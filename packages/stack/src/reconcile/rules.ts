import type { SeenDeadLetter, SeenLedger, SeenOrder, SeenPayment, SeenReservation } from "./contexts-seen.ts";

/** Something that must hold and does not. */
export interface Finding {
  /** The rule's name in the domain, such as `Q2`. */
  readonly rule: string;
  /** What it is about, with its id. */
  readonly subject: string;
  readonly what: string;
  /** What would mend it. */
  readonly mend: string;
  /**
   * What mends it without anybody deciding: going on with that order, or handling that message again; null where
   * somebody has to decide.
   */
  readonly repair: { readonly resume: string } | { readonly redrive: string } | null;
}

type Say = (rule: string, what: string, mend: string) => void;

const HOLDS_CREDIT = new Set(["CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"]);
const BEING_CALLED_OFF = new Set(["REJECTING", "CANCELLING"]);
const CALLED_OFF = new Set(["REJECTED", "CANCELLED"]);
const PAID = new Set(["CONFIRMED", "FULFILLED"]);
const LET_GO = new Set(["DECLINED", "VOIDED", "REFUNDED"]);
/** How long after its deadline a saga may still wait: the deadlines are looked after every second. */
const OVERDUE_MS = 60_000;

/** Whether an order waits for another context: its parts need not agree while it does. */
export function isUnderWay({ saga }: SeenOrder): boolean {
  return saga?.step != null;
}

/** Compares an order with its credit and its payments (A2, Q1, Q2, Q3), and looks at its deadline (Q4). */
export function judgeOrder(order: SeenOrder, now: Date): Finding[] {
  const findings: Finding[] = [];
  const add = (finding: Omit<Finding, "subject">) =>
    findings.push({ ...finding, subject: `order ${order.id}` });
  const say: Say = (rule, what, mend) => add({ rule, what, mend, repair: null });
  const sayResumable: Say = (rule, what, mend) => add({ rule, what, mend, repair: { resume: order.id } });
  const { saga } = order;
  if (saga?.deadline != null && now.getTime() - Date.parse(saga.deadline) > OVERDUE_MS) {
    const mend = "start the order service: it asks again; or --repair";
    sayResumable("Q4", `it has waited for ${saga.step} past its deadline`, mend);
  }
  if (order.payments.totalCount > 1) {
    say("A2", `it has ${order.payments.totalCount} payments`, "refund those too many: refundPayment");
  }
  if (!isUnderWay(order)) {
    judgeCredit(order, say, sayResumable);
    judgePayment(order, say);
  }
  return findings;
}

function judgeCredit(order: SeenOrder, say: Say, sayResumable: Say): void {
  const { status, total, customer, creditReservation: credit } = order;
  const what = credit === null ? "no credit is" : `${text(credit.amount)} of credit ${credit.status} is`;
  if (HOLDS_CREDIT.has(status)) {
    if (credit?.status !== "HELD")
      say("Q1", `it is ${status}, and ${what} all there is`, "cancelOrder, and place it anew");
    else if (text(credit.amount) !== text(total))
      say(
        "Q1",
        `its total is ${text(total)}, and ${text(credit.amount)} is held`,
        "cancelOrder, and place it anew",
      );
  } else if (credit?.status === "HELD") {
    const held = `it is ${status}, and ${text(credit.amount)} is still held`;
    const mend = "npm run reconcile -- --repair: it is released";
    if (CALLED_OFF.has(status)) sayResumable("Q3", held, mend);
    else if (BEING_CALLED_OFF.has(status)) sayResumable("Q1", held, mend);
    else say("Q1", held, "find out how far it has come: npm run replay -- order --check");
  } else if (CALLED_OFF.has(status) && credit?.status === "SETTLED") {
    say("Q3", `it is ${status}, and its credit was settled`, "book it back by hand");
  }
  if (credit !== null && credit.customer.id !== customer.id)
    say("Q1", `the credit is customer ${credit.customer.id}'s`, "find out whose order it is");
}

function judgePayment({ status, paymentTerms, payments }: SeenOrder, say: Say): void {
  const kept = payments.nodes.filter(({ captured, refunded }) => captured.amountMinor > refunded.amountMinor);
  const isDue = PAID.has(status) && paymentTerms === "PREPAID";
  if (isDue && kept.length === 0)
    say(
      "Q2",
      `it is ${status}, and no payment is captured and kept`,
      "cancelOrder, or have it paid on account",
    );
  if (!isDue && kept.length > 0 && !CALLED_OFF.has(status))
    say("Q2", `it is ${status}, and ${paymentText(kept[0]!)}`, "refundPayment");
  if (!CALLED_OFF.has(status)) return;
  for (const payment of payments.nodes) {
    if (LET_GO.has(payment.status)) continue;
    const mend = payment.status === "CAPTURED" || payment.status === "PARTIALLY_REFUNDED";
    say(
      "Q3",
      `it is ${status}, and ${paymentText(payment)}`,
      mend ? "refundPayment" : "npm run messages -- redrive --all; else void it with the provider",
    );
  }
}

/** Adds up a payment's ledger (A3), and looks whether the order and the customer that it names are there. */
export function judgeLedger(payment: SeenLedger): Finding[] {
  const findings: Finding[] = [];
  const say: Say = (rule, what, mend) =>
    findings.push({ rule, subject: `payment ${payment.id}`, what, mend, repair: null });
  if (payment.order?.customer === null)
    say(
      "Q2",
      `it is for order ${payment.order.id}, which there is not`,
      "refundPayment, or restore the order",
    );
  if (payment.customer.creditLimit === null)
    say("Q2", `it is customer ${payment.customer.id}'s, who is not there`, "restore the customer");

  const sum = (type: string): number =>
    payment.ledger.reduce((total, entry) => total + (entry.type === type ? entry.amount.amountMinor : 0), 0);
  const [authorised, captured, refunded, voided] = ["AUTHORISATION", "CAPTURE", "REFUND", "VOID"].map(
    sum,
  ) as [number, number, number, number];
  const byHand = "compare it with the provider's books, and add what is missing";
  if (refunded > captured || captured + voided > authorised || authorised > payment.amount.amountMinor)
    say("A3", `its ledger has ${captured} captured of ${authorised}, and ${refunded} refunded`, byHand);
  if (captured !== payment.captured.amountMinor || refunded !== payment.refunded.amountMinor)
    say("A3", "its ledger does not add up to what it says is captured and refunded", byHand);
  if (payment.ledger.some(({ sequence }, index) => sequence !== index + 1))
    say("A3", "its ledger has a gap", "restore the entry");
  const status = statusOf({ authorised, captured, refunded, voided });
  if (status !== null && status !== payment.status)
    say("A3", `it is ${payment.status}, and its ledger makes it ${status}`, byHand);
  return findings;
}

/** What a ledger makes of its payment; null where nothing was ever authorised. */
function statusOf(sums: Readonly<Record<"authorised" | "captured" | "refunded" | "voided", number>>) {
  if (sums.voided > 0) return "VOIDED";
  if (sums.refunded > 0) return sums.refunded < sums.captured ? "PARTIALLY_REFUNDED" : "REFUNDED";
  if (sums.captured > 0) return "CAPTURED";
  return sums.authorised > 0 ? "AUTHORISED" : null;
}

/** Looks whether the order that credit is held for is there. */
export function judgeReservation({ order }: SeenReservation): Finding[] {
  if (order.customer !== null) return [];
  const mend = "release it in the database, or restore the order";
  const what = "credit is held for it, and it is not there";
  return [{ rule: "Q1", subject: `order ${order.id}`, what, mend, repair: null }];
}

/** Tells of a message that a context could not handle (Q4). */
export function judgeDeadLetter(context: string, { id, type, error }: SeenDeadLetter): Finding {
  return {
    rule: "Q4",
    subject: `message ${id}`,
    what: `the ${context} context could not handle ${type ?? "it: no message"}: ${error}`,
    mend: "mend what failed, then npm run reconcile -- --repair",
    repair: { redrive: id },
  };
}

function text({ amountMinor, currency }: { amountMinor: number; currency: string }): string {
  return `${amountMinor} ${currency}`;
}

function paymentText({ id, status }: SeenPayment): string {
  return `payment ${id} is ${status}`;
}
