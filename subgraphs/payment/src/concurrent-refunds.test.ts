import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertPayments, makePayment } from "./payments.fixture.ts";

const seed = Math.floor(Math.random() * 2 ** 31);

let database: ContextDatabase;
let subgraphs: TestSubgraph[];

beforeAll(async () => {
  database = await startContextDatabase("payment");
  // Two processes, so that nothing inside of one can be what keeps refunds apart.
  subgraphs = await Promise.all(
    [1, 2].map(() => startTestSubgraph("payment", { databaseUrl: database.url })),
  );
});

afterAll(async () => {
  await Promise.all((subgraphs ?? []).map((each) => each.stop()));
  await database?.stop();
});

const REFUND = `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) {
  __typename ... on PaymentChanged { payment { version status refunded { amountMinor } ledger { sequence } } }
} }`;

interface Refund {
  amountMinor: number;
  currency: string;
  /** How many times it is sent, under one key. */
  copies: number;
}

/** Sends all refunds at once, and gives the answers refund by refund, each with those of its copies. */
function sendAtOnce(paymentId: string, expectedVersion: number, refunds: readonly Refund[]) {
  return Promise.all(
    refunds.map(async ({ amountMinor, currency, copies }) => {
      const input = {
        paymentId,
        amount: { amountMinor, currency },
        reason: "why",
        expectedVersion,
        idempotencyKey: randomUUID(),
      };
      return Promise.all(
        Array.from({ length: copies }, async (_, index) => {
          const { data, errors } = await subgraphs[index % 2]!.ask(people.finance, REFUND, { input });
          expect(errors).toEqual([]);
          return data.refundPayment;
        }),
      );
    }),
  );
}

/** What the tables say, worked out by the database alone. */
async function inTables(paymentId: string) {
  const [row] = await database.query<{
    status: string;
    version: number;
    amount: number;
    captured: number;
    refunded: number;
    moved: Record<string, number>;
    sequences: number[];
  }>(
    `SELECT status, version, amount_minor::int AS amount, captured_minor::int AS captured, refunded_minor::int AS refunded,
            (SELECT jsonb_object_agg(type, sum) FROM (SELECT type, sum(amount_minor) FROM ledger_entries WHERE payment_id = id GROUP BY type) AS sums) AS moved,
            (SELECT array_agg(sequence ORDER BY sequence) FROM ledger_entries WHERE payment_id = id) AS sequences
       FROM payments WHERE id = $1`,
    [paymentId],
  );
  return row!;
}

const refunds = (amount: number) =>
  fc.record({
    amountMinor: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: Math.ceil(amount / 3) }) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: amount + 1 }) },
    ),
    currency: fc.oneof(
      { weight: 7, arbitrary: fc.constant("USD") },
      { weight: 1, arbitrary: fc.constant("EUR") },
    ),
    copies: fc.integer({ min: 1, max: 3 }),
  });

const scenario = fc
  .integer({ min: 3, max: 30 })
  .chain((amount) =>
    fc.tuple(
      fc.constant(amount),
      fc.array(fc.array(refunds(amount), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
    ),
  );

describe(`refunds that are sent at once (fast-check seed ${seed})`, () => {
  it("A3: refunded <= captured <= authorised, and the ledger adds up to the state", async () => {
    const statuses = new Set<string>();
    let raced = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ([amount, groups]) => {
        const payment = makePayment(randomUUID(), { amount_minor: amount });
        await insertPayments(database, [payment]);
        let { version } = payment;
        let refunded = 0;
        for (const group of groups) {
          const answers = await sendAtOnce(payment.id, version, group);
          for (const copies of answers) expect(copies).toEqual(copies.map(() => copies[0]));

          // All saw the same version: one wins where any is sound, and it is one of those that are.
          const sound = (refund: Refund) =>
            refund.currency === "USD" && refund.amountMinor <= amount - refunded;
          const winners = group.filter((_, index) => answers[index]![0].__typename === "PaymentChanged");
          expect(winners).toHaveLength(group.some(sound) ? 1 : 0);
          expect(winners.every(sound)).toBe(true);
          if (group.filter(sound).length > 1) raced += 1;
          const expectedRefusals =
            refunded === amount
              ? ["IllegalState"]
              : ["StaleVersion", "RefundExceedsCaptured", "CurrencyMismatch"];
          for (const [answer] of answers) {
            expect(["PaymentChanged", ...expectedRefusals]).toContain(answer.__typename);
          }
          refunded += winners.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
          version += winners.length;

          const row = await inTables(payment.id);
          const status =
            refunded === 0 ? "CAPTURED" : refunded === amount ? "REFUNDED" : "PARTIALLY_REFUNDED";
          statuses.add(status);
          expect(row).toEqual({
            status,
            version,
            amount,
            captured: amount,
            refunded,
            moved: { AUTHORISATION: amount, CAPTURE: amount, ...(refunded > 0 && { REFUND: refunded }) },
            sequences: Array.from({ length: version - 1 }, (_, index) => index + 1),
          });
        }
      }),
      { seed, numRuns: 25 },
    );
    // They did meet, and they came to the end.
    expect(raced).toBeGreaterThan(0);
    expect(statuses).toContain("REFUNDED");
  });
});
