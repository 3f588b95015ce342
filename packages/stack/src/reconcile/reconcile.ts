import { setTimeout as sleep } from "node:timers/promises";
import type { AskApi } from "./api.ts";
import * as seen from "./contexts-seen.ts";
import { judgeCustomerHistory, judgeOrderHistory, judgePaymentHistory } from "./history-rules.ts";
import {
  isUnderWay,
  judgeDeadLetter,
  judgeLedger,
  judgeOrder,
  judgeReservation,
  type Finding,
} from "./rules.ts";

export interface ReconcileOptions {
  readonly ask: AskApi;
  readonly onFinding: (finding: Finding) => void;
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops after so many findings. */
  readonly most: number;
  /** How long parts that do not agree are given to come to agree, in milliseconds. */
  readonly settleMs: number;
}

export interface ReconcileResult {
  readonly orders: number;
  readonly payments: number;
  readonly reservations: number;
  readonly customers: number;
  /** Orders that wait for another context, which were not compared. */
  readonly underWay: number;
  readonly findings: number;
  /** Whether everything was looked at. */
  readonly isWhole: boolean;
}

interface Page<Node> {
  readonly page: {
    readonly nodes: readonly Node[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** How many orders are read again at the same time. */
const AT_ONCE = 8;

/**
 * Compares the contexts in full through their API, from each side: every order with its credit and its payments, every
 * payment and every reservation with its order, and each customer, order and payment with what the history shows of it (Q5). It
 * holds one page at a time.
 *
 * Services go on meanwhile, and the parts of an order are read one after another: what does not agree is read again
 * after a while, and is a finding only where nothing has changed by then.
 *
 * @throws StackError where the API gives no whole answer
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileResult> {
  const { ask, onFinding, most, settleMs } = options;
  const count = { orders: 0, payments: 0, reservations: 0, customers: 0, underWay: 0, findings: 0 };
  type Totals = Record<"orders" | "payments" | "creditReservations" | "customers", { totalCount: number }>;
  const totals = await ask<Totals>(seen.TOTALS);
  const total = Object.values(totals).reduce((sum, { totalCount }) => sum + totalCount, 0);

  /** @returns false where there are findings enough */
  const report = (findings: readonly Finding[]): boolean => {
    for (const finding of findings) {
      if (count.findings >= most) return false;
      count.findings += 1;
      onFinding(finding);
    }
    return count.findings < most;
  };
  async function* pages<Node>(query: string, what: "orders" | "payments" | "reservations" | "customers") {
    for (let after: string | null = null; ;) {
      const { page }: Page<Node> = await ask<Page<Node>>(query, { after });
      yield page.nodes;
      count[what] += page.nodes.length;
      const done = count.orders + count.payments + count.reservations + count.customers;
      options.onProgress?.(done, Math.max(total, done));
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor;
    }
  }

  /** Judges a page; what does not agree is judged again after a while, and counts where it has not changed itself. */
  async function settled<Node extends Versioned>(
    nodes: readonly Node[],
    kind: Kind<Node>,
  ): Promise<Finding[]> {
    const suspects = nodes.filter((node) => kind.judge(node).length > 0);
    if (suspects.length > 0) await sleep(settleMs);
    const findings: Finding[] = [];
    for (let start = 0; start < suspects.length; start += AT_ONCE) {
      const again = await Promise.all(
        suspects.slice(start, start + AT_ONCE).map(async ({ id, version }) => {
          const { node } = await ask<{ node: Node | null }>(kind.one, { id });
          return node === null || node.version !== version ? [] : kind.judge(node);
        }),
      );
      findings.push(...again.flat());
    }
    return findings;
  }

  const letters = await ask<seen.SeenDeadLetters>(seen.DEAD_LETTERS);
  const unhandled = seen.MESSAGE_CONTEXTS.flatMap((context) =>
    letters[context].map((letter) => judgeDeadLetter(context, letter)),
  );
  if (!report(unhandled)) return { ...count, isWhole: false };
  for await (const orders of pages<seen.SeenOrder>(seen.ORDERS, "orders")) {
    count.underWay += orders.filter(isUnderWay).length;
    if (!report(await settled(orders, ORDERS))) return { ...count, isWhole: false };
  }
  for await (const payments of pages<seen.SeenLedger>(seen.PAYMENTS, "payments")) {
    if (!report(payments.flatMap(judgeLedger))) return { ...count, isWhole: false };
    if (!report(await settled(payments, PAYMENTS))) return { ...count, isWhole: false };
  }
  for await (const customers of pages<seen.SeenCustomer>(seen.CUSTOMERS, "customers"))
    if (!report(await settled(customers, CUSTOMERS))) return { ...count, isWhole: false };
  for await (const reservations of pages<seen.SeenReservation>(seen.RESERVATIONS, "reservations"))
    if (!report(reservations.flatMap(judgeReservation))) return { ...count, isWhole: false };
  return { ...count, isWhole: true };
}

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** What is judged, and how it is read again: as `node`. */
interface Kind<Node> {
  readonly one: string;
  readonly judge: (node: Node) => Finding[];
}

const ORDERS: Kind<seen.SeenOrder> = {
  one: seen.ONE_ORDER,
  judge: (order) => [...judgeOrder(order, new Date()), ...judgeOrderHistory(order)],
};
const PAYMENTS: Kind<seen.SeenLedger> = { one: seen.ONE_PAYMENT, judge: judgePaymentHistory };
const CUSTOMERS: Kind<seen.SeenCustomer> = { one: seen.ONE_CUSTOMER, judge: judgeCustomerHistory };
