import { randomUUID } from "node:crypto";
import type { Identity } from "@tributary/subgraph-kit/identity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type Answer,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertPayments, makePayment, type TestPayment } from "./payments.fixture.ts";

const alice = randomUUID();

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("payment");
  subgraph = await startTestSubgraph("payment", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const REFUND = `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) {
  __typename
  ... on MutationFailure { message }
  ... on PaymentChanged { payment { id status version capturedAt updatedAt captured { amountMinor } refunded { amountMinor currency formatted }
    customer { id } ledger { sequence type amount { amountMinor } reason occurredAt } } }
  ... on InvalidInput { faults { path message } }
  ... on NotFound { id }
  ... on StaleVersion { expectedVersion actualVersion }
  ... on IllegalState { state }
  ... on CurrencyMismatch { expected actual }
  ... on RefundExceedsCaptured { refundable { amountMinor currency } }
  ... on IdempotencyKeyReused { idempotencyKey }
} }`;

/** A payment of $10.00 in the tables, at version 3 where it is CAPTURED. */
async function given(of: Partial<TestPayment> = {}): Promise<TestPayment> {
  const payment = makePayment(alice, of);
  await insertPayments(database, [payment]);
  return payment;
}

/** A sound refund of $1.00 of the payment, but for what is given. */
const inputOf = ({ id, version }: TestPayment, of: Record<string, unknown> = {}) => ({
  paymentId: id,
  amount: { amountMinor: 100, currency: "USD" },
  reason: "one was broken",
  expectedVersion: version,
  idempotencyKey: randomUUID(),
  ...of,
});

async function refund(
  input: Record<string, unknown>,
  who: Identity = people.finance,
): Promise<Answer["data"]> {
  const { data, errors } = await subgraph.ask(who, REFUND, { input });
  expect(errors).toEqual([]);
  return data.refundPayment;
}

const usd = (amountMinor: number) => ({ amountMinor, currency: "USD" });

/** The payment and its ledger as the tables have them. */
async function stored({ id }: TestPayment) {
  const [row] = await database.query(
    "SELECT status, version, captured_minor::int AS captured, refunded_minor::int AS refunded FROM payments WHERE id = $1",
    [id],
  );
  const ledger = await database.query(
    "SELECT sequence, type, amount_minor::int AS amount, reason FROM ledger_entries WHERE payment_id = $1 ORDER BY sequence",
    [id],
  );
  return {
    ...row,
    ledger: ledger.map(({ sequence, type, amount, reason }) => [sequence, type, amount, reason]),
  };
}

/** Nothing was changed. */
async function expectUntouched(payment: TestPayment) {
  expect(await stored(payment)).toMatchObject({
    status: payment.status,
    version: payment.version,
    refunded: payment.refunded_minor,
    ledger: payment.ledger.map(({ type, amount_minor, reason }, index) => [
      index + 1,
      type,
      amount_minor,
      reason,
    ]),
  });
}

describe("a refund", () => {
  it("of a part and then of the rest is in the payment, its ledger and the answer", async () => {
    const payment = await given();
    const started = new Date().toISOString();
    const first = await refund(inputOf(payment));
    expect(first).toMatchObject({
      __typename: "PaymentChanged",
      payment: {
        id: payment.id,
        status: "PARTIALLY_REFUNDED",
        version: 4,
        capturedAt: payment.captured_at,
        captured: { amountMinor: 1_000 },
        refunded: { ...usd(100), formatted: "$1.00" },
        customer: { id: alice },
      },
    });
    expect(first.payment.ledger).toMatchObject([
      { sequence: 1, type: "AUTHORISATION", amount: { amountMinor: 1_000 } },
      { sequence: 2, type: "CAPTURE", amount: { amountMinor: 1_000 } },
      { sequence: 3, type: "REFUND", amount: { amountMinor: 100 } },
    ]);
    expect(first.payment.updatedAt >= started && first.payment.updatedAt <= new Date().toISOString()).toBe(
      true,
    );
    expect(first.payment.ledger[2].occurredAt).toBe(first.payment.updatedAt);
    const rest = { expectedVersion: 4, amount: usd(900), reason: "all were" };
    expect((await refund(inputOf(payment, rest))).payment).toMatchObject({ status: "REFUNDED", version: 5 });
    expect(await stored(payment)).toEqual({
      status: "REFUNDED",
      version: 5,
      captured: 1_000,
      refunded: 1_000,
      ledger: [
        [1, "AUTHORISATION", 1_000, null],
        [2, "CAPTURE", 1_000, null],
        [3, "REFUND", 100, "one was broken"],
        [4, "REFUND", 900, "all were"],
      ],
    });
  });

  it("reads as it is answered", async () => {
    const payment = await given();
    const { payment: answered } = await refund(inputOf(payment));
    const { data } = await subgraph.ask(
      people.finance,
      `query ($id: ID!) { payment(id: $id) { id status version capturedAt updatedAt captured { amountMinor } refunded { amountMinor currency formatted }
        customer { id } ledger { sequence type amount { amountMinor } reason occurredAt } } }`,
      { id: payment.id },
    );
    expect(data.payment).toEqual(answered);
  });

  it.each(["REQUESTED", "AUTHORISED", "REFUNDED", "DECLINED", "VOIDED"] as const)(
    "of a payment that is %s is refused",
    async (status) => {
      const payment = await given({ status });
      expect(await refund(inputOf(payment))).toEqual({
        __typename: "IllegalState",
        message: `A payment that is ${status} cannot be refunded.`,
        state: status,
      });
      await expectUntouched(payment);
    },
  );

  it("of more than is left is refused, with what is left", async () => {
    const payment = await given({ status: "PARTIALLY_REFUNDED" });
    const answer = await refund(inputOf(payment, { amount: usd(801) }));
    expect(answer).toMatchObject({ __typename: "RefundExceedsCaptured", refundable: usd(800) });
    await expectUntouched(payment);
  });

  it("in another currency is refused, with the one that is needed", async () => {
    const payment = await given();
    const answer = await refund(inputOf(payment, { amount: { amountMinor: 100, currency: "EUR" } }));
    expect(answer).toMatchObject({ __typename: "CurrencyMismatch", expected: "USD", actual: "EUR" });
    await expectUntouched(payment);
  });

  it.each([2, 4])(
    "by somebody who saw version %i of a payment at version 3 is refused",
    async (expectedVersion) => {
      const payment = await given();
      const answer = await refund(inputOf(payment, { expectedVersion }));
      expect(answer).toMatchObject({ __typename: "StaleVersion", expectedVersion, actualVersion: 3 });
      await expectUntouched(payment);
    },
  );

  it.each(["nonsense", "", "\0", "\ud800", randomUUID()])(
    "of a payment that is not there is refused: %j",
    async (id) => {
      const answer = await refund({ ...inputOf(makePayment(alice)), paymentId: id });
      expect(answer).toMatchObject({ __typename: "NotFound", message: "There is no such record." });
    },
  );

  it("with several faults is refused with all of them", async () => {
    const payment = await given();
    const faulty = { amount: usd(0), reason: " ", expectedVersion: 0, idempotencyKey: "" };
    const answer = await refund(inputOf(payment, faulty));
    expect(answer).toMatchObject({ __typename: "InvalidInput", message: "The input has 4 faults." });
    expect(answer.faults.map(({ path }: { path: string }) => path)).toEqual([
      "amount.amountMinor",
      "reason",
      "expectedVersion",
      "idempotencyKey",
    ]);
    await expectUntouched(payment);
  });

  it("takes texts as long and as odd as they may be", async () => {
    const payment = await given();
    const odd = { reason: "ö".repeat(499) + "'", idempotencyKey: `'"\\😀${"k".repeat(250)}` };
    const input = inputOf(payment, odd);
    const answer = await refund(input);
    expect(answer.payment.ledger[2].reason).toBe(odd.reason);
    expect(await refund(input)).toEqual(answer);
  });

  it("takes no more of a ledger that does not add up, and tells nobody why", async () => {
    const payment = makePayment(alice);
    await insertPayments(database, [{ ...payment, ledger: payment.ledger.slice(0, 1) }]);
    const { data, errors } = await subgraph.ask(people.finance, REFUND, { input: inputOf(payment) });
    expect(data).toEqual({ refundPayment: null });
    expect(errors).toMatchObject([
      { message: "Internal server error", extensions: { code: "INTERNAL_SERVER_ERROR" } },
    ]);
    await subgraph.logged(({ err }) => JSON.stringify(err ?? null).includes("captures 0, the payment 1000"));
    expect(await stored(payment)).toMatchObject({ status: "CAPTURED", version: 3, refunded: 0 });
  });
});

describe("whoever may not refund", () => {
  const someone = (scope: string, claims: Record<string, unknown> = {}): Identity => ({
    subject: "user:someone",
    scopes: new Set(scope.split(" ")),
    claims,
  });

  it.each([
    ["support", people.support],
    ["the customer who paid", people.customer(alice)],
    ["nobody in particular", people.anonymous],
    ["somebody without a name", { ...people.finance, subject: null }],
  ])("is told so: %s", async (_, who) => {
    const payment = await given();
    const { data, errors } = await subgraph.ask(who, REFUND, { input: inputOf(payment) });
    expect(data).toEqual({ refundPayment: null });
    expect(errors).toMatchObject([{ path: ["refundPayment"], extensions: { code: "FORBIDDEN" } }]);
    await expectUntouched(payment);
  });

  it.each([
    ["another customer's", someone("payment:refund", { customer_id: randomUUID() })],
    ["anybody's, seeing none", someone("payment:refund")],
  ])("finds no payment to refund that they do not see: %s", async (_, who) => {
    const payment = await given();
    expect(await refund(inputOf(payment), who)).toMatchObject({ __typename: "NotFound", id: payment.id });
    await expectUntouched(payment);
  });

  it("is not who may refund but not read: the money is given back, and the payment kept from them", async () => {
    const payment = await given();
    const who = someone("payment:refund", { customer_id: alice });
    const { data, errors } = await subgraph.ask(who, REFUND, { input: inputOf(payment) });
    expect(data).toEqual({ refundPayment: null });
    expect(errors).toMatchObject([{ path: ["refundPayment", "payment"], extensions: { code: "FORBIDDEN" } }]);
    expect(await stored(payment)).toMatchObject({ version: 4, refunded: 100 });
  });

  it("does not include an administrator", async () => {
    expect(await refund(inputOf(await given()), people.admin)).toMatchObject({
      __typename: "PaymentChanged",
    });
  });
});

describe("the same idempotency key", () => {
  it("with the same input gives the first answer again, also when the payment has moved on", async () => {
    const payment = await given();
    const input = inputOf(payment);
    const first = await refund(input);
    expect(await refund(input)).toEqual(first);
    await refund(inputOf(payment, { expectedVersion: 4 }));
    expect(await refund(input)).toEqual(first);
    expect(await stored(payment)).toMatchObject({ version: 5, refunded: 200 });
  });

  it("sent many times at once has one effect and one answer", async () => {
    const payment = await given();
    const input = inputOf(payment);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refund(input)));
    expect(answers[0]).toMatchObject({ __typename: "PaymentChanged", payment: { version: 4 } });
    expect(answers).toEqual(answers.map(() => answers[0]));
    expect(await stored(payment)).toMatchObject({ version: 4, refunded: 100 });
  });

  it("with another input is refused, and changes nothing", async () => {
    const payment = await given();
    const input = inputOf(payment);
    await refund(input);
    const other = await refund({ ...input, amount: usd(101) });
    expect(other).toMatchObject({ __typename: "IdempotencyKeyReused", idempotencyKey: input.idempotencyKey });
    expect(await stored(payment)).toMatchObject({ version: 4, refunded: 100 });
  });

  it("gives a refusal again, too", async () => {
    const payment = await given();
    const input = inputOf(payment, { amount: usd(1_001) });
    const first = await refund(input);
    expect(first.__typename).toBe("RefundExceedsCaptured");
    expect(await refund(input)).toEqual(first);
  });

  it("of two callers is two keys", async () => {
    const payment = await given();
    const input = inputOf(payment);
    expect((await refund(input)).__typename).toBe("PaymentChanged");
    expect((await refund(input, people.admin)).__typename).toBe("StaleVersion");
  });
});
