import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import {
  inOrder,
  insertPayments,
  makePayment,
  makePayments,
  PAYMENT_STATUSES,
  type TestPayment,
} from "./payments.fixture.ts";

const [alice, bob, carol, dave] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const ofAlice = makePayments(alice, "A", 23);
const ofBob = makePayments(bob, "B", 2);
/** Each is as much as an amount can be: together they are too much for a number. */
const ofCarol = [1, 2].map(() =>
  makePayment(carol, { amount_minor: Number.MAX_SAFE_INTEGER, status: "CAPTURED" }),
);

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("payment");
  // A zone with half hours: a time that passes through it without care comes out wrong.
  await database.query(`ALTER ROLE CURRENT_USER SET timezone = 'Asia/Kolkata'`);
  await insertPayments(database, [...ofAlice, ...ofBob, ...ofCarol]);
  subgraph = await startTestSubgraph("payment", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

describe("a payment", () => {
  const FIELDS = `id reference status method declineReason requestedAt capturedAt version updatedAt
    amount { amountMinor currency formatted } captured { amountMinor currency } refunded { amountMinor currency }
    order { __typename id } customer { __typename id }
    ledger { sequence type amount { amountMinor currency } reason occurredAt }`;

  it.each(PAYMENT_STATUSES.map((status, index) => [status, index]))(
    "that is %s tells all of itself",
    async (_, index) => {
      const payment = ofAlice[index]!;
      const { id, currency } = payment;
      const { data, errors } = await subgraph.ask(
        people.support,
        `query ($id: ID!) { payment(id: $id) { ${FIELDS} } }`,
        {
          id,
        },
      );
      expect(errors).toEqual([]);
      expect(data.payment).toEqual({
        id,
        reference: payment.reference,
        status: payment.status,
        method: payment.method,
        declineReason: payment.status === "DECLINED" ? "no cover" : null,
        requestedAt: payment.requested_at,
        capturedAt: payment.captured_at,
        version: payment.version,
        updatedAt: payment.updated_at,
        amount: {
          amountMinor: payment.amount_minor,
          currency,
          formatted: new Intl.NumberFormat("en-US", { style: "currency", currency }).format(
            payment.amount_minor / 100,
          ),
        },
        captured: { amountMinor: payment.captured_minor, currency },
        refunded: { amountMinor: payment.refunded_minor, currency },
        order: payment.order_id === null ? null : { __typename: "Order", id: payment.order_id },
        customer: { __typename: "Customer", id: alice },
        ledger: payment.ledger.map((entry, place) => ({
          sequence: place + 1,
          type: entry.type,
          amount: { amountMinor: entry.amount_minor, currency },
          reason: entry.reason,
          occurredAt: entry.occurred_at,
        })),
      });
    },
  );

  it("is exact up to 2^53 - 1 minor units", async () => {
    const { data } = await subgraph.ask(
      people.support,
      "query ($id: ID!) { payment(id: $id) { captured { amountMinor formatted } ledger { amount { amountMinor } } } }",
      { id: ofCarol[0]!.id },
    );
    const amountMinor = 9_007_199_254_740_991;
    expect(data.payment).toEqual({
      captured: { amountMinor, formatted: "$90,071,992,547,409.91" },
      ledger: [{ amount: { amountMinor } }, { amount: { amountMinor } }],
    });
  });

  it("is found by its id in any case", async () => {
    const { data } = await subgraph.ask(
      people.support,
      "query ($id: ID!, $of: [_Any!]!) { payment(id: $id) { reference } _entities(representations: $of) { ... on Payment { reference } ... on Customer { payments { totalCount } } } }",
      {
        id: ofBob[1]!.id.toUpperCase(),
        of: [
          { __typename: "Payment", id: ofBob[1]!.id.toUpperCase() },
          { __typename: "Customer", id: bob.toUpperCase() },
        ],
      },
    );
    expect(data).toEqual({
      payment: { reference: "B-1" },
      _entities: [{ reference: "B-1" }, { payments: { totalCount: 2 } }],
    });
  });

  it.each(["nonsense", "", "\0", randomUUID(), `${ofBob[0]!.id} `, "'; DROP TABLE payments; --"])(
    "is null for an id that nothing has: %j",
    async (id) => {
      const { data, errors } = await subgraph.ask(
        people.support,
        `query ($id: ID!, $of: [_Any!]!) { payment(id: $id) { id }
          _entities(representations: $of) { ... on Payment { reference }
            ... on Customer { payments { totalCount nodes { id } } paymentSummary { paymentCount lastPayment { id } } }
            ... on Order { payments { totalCount nodes { id } } } } }`,
        {
          id,
          of: [
            { __typename: "Payment", id },
            { __typename: "Payment", id: ofBob[0]!.id },
            { __typename: "Customer", id },
            { __typename: "Order", id },
          ],
        },
      );
      expect(errors).toEqual([]);
      const none = { payments: { totalCount: 0, nodes: [] } };
      expect(data).toEqual({
        payment: null,
        _entities: [
          null,
          { reference: "B-0" },
          { ...none, paymentSummary: { paymentCount: 0, lastPayment: null } },
          none,
        ],
      });
    },
  );
});

describe("a payment summary", () => {
  const SUMMARY = `currency paymentCount paid { amountMinor currency } refunded { amountMinor currency formatted }
    outstanding { amountMinor currency } lastPayment { id reference customer { id } } otherCurrencies`;

  /** `args` of the field, such as `(currency: "EUR")`; asked as the gateway does. */
  async function summariesOf(customerIds: readonly string[], args = "") {
    const { data, errors } = await subgraph.ask(
      people.finance,
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { paymentSummary${args} { ${SUMMARY} } } } }`,
      { of: customerIds.map((id) => ({ __typename: "Customer", id })) },
    );
    const entities: { paymentSummary: Record<string, unknown> | null }[] = data._entities;
    return { errors, summaries: entities.map(({ paymentSummary }) => paymentSummary) };
  }

  it.each(["USD", "EUR"])("counts what is in %s and nothing else", async (currency) => {
    const { summaries, errors } = await summariesOf([alice], `(currency: "${currency}")`);
    expect(errors).toEqual([]);
    const counted = ofAlice.filter((payment) => payment.currency === currency);
    const sum = (pick: (payment: TestPayment) => number) => ({
      amountMinor: counted.reduce((total, payment) => total + pick(payment), 0),
      currency,
    });
    const last = inOrder(
      counted.filter(({ captured_at }) => captured_at !== null),
      ({ captured_at }) => captured_at!,
      "DESC",
    )[0]!;
    const refunded = sum(({ refunded_minor }) => refunded_minor);
    expect(refunded.amountMinor).toBeGreaterThan(0);
    expect(summaries[0]).toEqual({
      currency,
      paymentCount: counted.length,
      paid: sum(({ captured_minor }) => captured_minor),
      refunded: {
        ...refunded,
        formatted: new Intl.NumberFormat("en-US", { style: "currency", currency }).format(
          refunded.amountMinor / 100,
        ),
      },
      outstanding: sum(({ status, amount_minor }) =>
        status === "REQUESTED" || status === "AUTHORISED" ? amount_minor : 0,
      ),
      lastPayment: { id: last.id, reference: last.reference, customer: { id: alice } },
      otherCurrencies: [currency === "USD" ? "EUR" : "USD"],
    });
  });

  it("is in dollars unless told otherwise, and all zeros where there are no payments", async () => {
    const none = (currency: string) => ({ amountMinor: 0, currency });
    const { summaries } = await summariesOf([dave]);
    expect(summaries).toEqual([
      {
        currency: "USD",
        paymentCount: 0,
        paid: none("USD"),
        refunded: { ...none("USD"), formatted: "$0.00" },
        outstanding: none("USD"),
        lastPayment: null,
        otherCurrencies: [],
      },
    ]);
  });

  it("too large for a number costs that customer's figures and nobody else's", async () => {
    const { summaries, errors } = await summariesOf([carol, bob]);
    expect(summaries[0]).toBeNull();
    expect(summaries[1]).toMatchObject({ paymentCount: 2 });
    expect(errors).toMatchObject([
      { path: ["_entities", 0, "paymentSummary"], extensions: { code: "INTERNAL_SERVER_ERROR" } },
    ]);
  });
});
