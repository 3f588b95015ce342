import { randomUUID } from "node:crypto";
import type { ContextDatabase } from "@tributary/subgraph-testing";
import type { LedgerEntryType, PaymentStatus } from "./domain/payment.ts";

/** A payment as the tests put it into the tables, and know it. */
export interface TestPayment {
  id: string;
  customer_id: string;
  order_id: string | null;
  reference: string | null;
  status: PaymentStatus;
  method: string;
  amount_minor: number;
  captured_minor: number;
  refunded_minor: number;
  currency: string;
  decline_reason: string | null;
  requested_at: string;
  captured_at: string | null;
  version: number;
  updated_at: string;
  ledger: { type: LedgerEntryType; amount_minor: number; reason: string | null; occurred_at: string }[];
}

export const PAYMENT_STATUSES: readonly PaymentStatus[] = [
  ...(["CAPTURED", "REQUESTED", "PARTIALLY_REFUNDED", "AUTHORISED"] as const),
  ...(["REFUNDED", "DECLINED", "VOIDED"] as const),
];

const DAY_MS = 86_400_000;

/** What moves on the way to each status, as shares of the amount. */
const MOVEMENTS: Readonly<Record<PaymentStatus, readonly (readonly [LedgerEntryType, number])[]>> = {
  REQUESTED: [],
  DECLINED: [],
  AUTHORISED: [["AUTHORISATION", 1]],
  VOIDED: [
    ["AUTHORISATION", 1],
    ["VOID", 1],
  ],
  CAPTURED: [
    ["AUTHORISATION", 1],
    ["CAPTURE", 1],
  ],
  PARTIALLY_REFUNDED: [
    ["AUTHORISATION", 1],
    ["CAPTURE", 1],
    ["REFUND", 0.2],
  ],
  REFUNDED: [
    ["AUTHORISATION", 1],
    ["CAPTURE", 1],
    ["REFUND", 0.2],
    ["REFUND", 0.8],
  ],
};

/** One payment with the ledger that its status needs. */
export function makePayment(
  customerId: string,
  { status = "CAPTURED", ...rest }: Partial<TestPayment> = {},
): TestPayment {
  const amount = rest.amount_minor ?? 1_000;
  const requestedAt = rest.requested_at ?? "2024-01-01T12:00:00.000Z";
  const after = (seconds: number) => new Date(Date.parse(requestedAt) + seconds * 1000).toISOString();
  const ledger = MOVEMENTS[status].map(([type, share], index) => ({
    type,
    amount_minor: Math.round(amount * share),
    reason: type === "REFUND" ? `refund ${index}` : null,
    occurred_at: after(index + 1),
  }));
  const moved = (type: LedgerEntryType) =>
    ledger.reduce((sum, entry) => sum + (entry.type === type ? entry.amount_minor : 0), 0);
  return {
    id: randomUUID(),
    customer_id: customerId,
    order_id: null,
    reference: null,
    status,
    method: "CARD",
    amount_minor: amount,
    captured_minor: moved("CAPTURE"),
    refunded_minor: moved("REFUND"),
    currency: "USD",
    decline_reason: status === "DECLINED" ? "no cover" : null,
    requested_at: requestedAt,
    captured_at: moved("CAPTURE") > 0 ? after(2) : null,
    version: ledger.length + 1,
    updated_at: after(ledger.length),
    ledger,
    ...rest,
  };
}

/**
 * Makes a customer's payments. Moments and amounts repeat, so that lists have ties for the id to part; every status
 * occurs from seven payments on; each fourth payment is in EUR, each second one for an order.
 */
export function makePayments(customerId: string, prefix: string, count: number): TestPayment[] {
  return Array.from({ length: count }, (_, index) =>
    makePayment(customerId, {
      status: PAYMENT_STATUSES[index % PAYMENT_STATUSES.length]!,
      order_id: index % 2 === 0 ? randomUUID() : null,
      reference: `${prefix}-${index}`,
      method: ["CARD", "CHEQUE", "TRANSFER"][index % 3]!,
      amount_minor: 1_000 + ((index * 3) % 7) * 250,
      currency: index % 4 === 3 ? "EUR" : "USD",
      requested_at: new Date(Date.UTC(2024, 0, 1, 12) + ((index * 7) % 5) * DAY_MS).toISOString(),
    }),
  );
}

/** Puts payments into the tables, each with its ledger, in an order that is none. */
export async function insertPayments(
  database: ContextDatabase,
  payments: readonly TestPayment[],
): Promise<void> {
  const rows = payments.map(({ ledger: _ledger, ...row }) => row);
  const entries = payments.flatMap(({ id, ledger }) =>
    ledger.map((entry, index) => ({ payment_id: id, sequence: index + 1, ...entry })).toReversed(),
  );
  for (const [table, values] of Object.entries({ payments: rows, ledger_entries: entries })) {
    await database.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1)`, [
      JSON.stringify(values),
    ]);
  }
}

/** The payments as a list has them: by what is picked, then by id. */
export function inOrder(
  payments: readonly TestPayment[],
  pick: (payment: TestPayment) => string | number,
  direction: "ASC" | "DESC",
): TestPayment[] {
  const sign = direction === "ASC" ? 1 : -1;
  const compare = <Key extends string | number>(left: Key, right: Key) =>
    left < right ? -1 : left > right ? 1 : 0;
  return payments.toSorted(
    (left, right) => sign * (compare(pick(left), pick(right)) || compare(left.id, right.id)),
  );
}
