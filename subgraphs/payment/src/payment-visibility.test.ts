import { randomUUID } from "node:crypto";
import type { Identity } from "@tributary/subgraph-kit/identity";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { inOrder, insertPayments, makePayments } from "./payments.fixture.ts";

const [alice, bob] = [randomUUID(), randomUUID()];
const ofAlice = makePayments(alice, "A", 4);
const ofBob = makePayments(bob, "B", 3);
/** Of Alice, PARTIALLY_REFUNDED, for an order. */
const payment = ofAlice[2]!;

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("payment");
  await insertPayments(database, [...ofAlice, ...ofBob]);
  subgraph = await startTestSubgraph("payment", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const QUERY = `query ($id: ID!, $of: [_Any!]!) {
  payment(id: $id) { reference }
  payments { totalCount nodes { reference } }
  _entities(representations: $of) {
    ... on Payment { reference ledger { sequence } }
    ... on Customer { payments { totalCount nodes { reference } } paymentSummary { paymentCount lastPayment { reference } otherCurrencies } }
    ... on Order { payments { totalCount nodes { reference } } }
  }
}`;

interface Page {
  totalCount: number;
  nodes: unknown[];
}

/** What somebody gets of Alice's payments, on every way that leads to them. */
async function aliceSeenBy(who: Identity) {
  const { data, errors, sqlStatements } = await subgraph.ask(who, QUERY, {
    id: payment.id,
    of: [
      { __typename: "Payment", id: payment.id },
      { __typename: "Customer", id: alice },
      { __typename: "Customer", id: bob },
      { __typename: "Order", id: payment.order_id },
    ],
  });
  const [entity, customer, other, order] = data._entities;
  const page = ({ payments }: { payments: Page | null }) =>
    payments && [payments.totalCount, payments.nodes.length];
  return {
    payment: data.payment?.reference ?? null,
    payments: page(data),
    entity: entity && [entity.reference, entity.ledger.length],
    ofAlice: page(customer),
    ofBob: page(other),
    ofOrder: page(order),
    summary: customer.paymentSummary && [
      customer.paymentSummary.paymentCount,
      customer.paymentSummary.otherCurrencies,
      customer.paymentSummary.lastPayment?.reference ?? null,
    ],
    errors: errors.map(({ path, extensions }) => `${extensions.code} ${path?.join(".")}`).sort(),
    sqlStatements,
  };
}

const someone = (scope: string, claims: Record<string, unknown> = {}): Identity => ({
  subject: "user:someone",
  scopes: new Set(scope.split(" ")),
  claims,
});

const captured = ofAlice.filter(({ currency, captured_at }) => currency === "USD" && captured_at !== null);
const everything = {
  payment: "A-2",
  payments: [7, 7],
  entity: ["A-2", 3],
  ofAlice: [4, 4],
  ofBob: [3, 3],
  ofOrder: [1, 1],
  summary: [3, ["EUR"], inOrder(captured, ({ captured_at }) => captured_at!, "DESC")[0]!.reference],
  errors: [],
};
/** As if nobody had ever paid. */
const nothing = {
  payment: null,
  entity: null,
  ofAlice: [0, 0],
  ofBob: [0, 0],
  ofOrder: [0, 0],
  summary: [0, [], null],
};
const notStaff = { payments: null, errors: ["FORBIDDEN payments"] };
const noScope = {
  payment: null,
  payments: null,
  entity: null,
  ofAlice: null,
  ofBob: null,
  ofOrder: null,
  summary: null,
  errors: [
    "FORBIDDEN _entities.0",
    "FORBIDDEN _entities.1.paymentSummary",
    "FORBIDDEN _entities.1.payments",
    "FORBIDDEN _entities.2.paymentSummary",
    "FORBIDDEN _entities.2.payments",
    "FORBIDDEN _entities.3.payments",
    "FORBIDDEN payment",
    "FORBIDDEN payments",
  ],
};
const own = { ...everything, ...notStaff, ofBob: [0, 0] };

it.each([
  ["support: everybody's", people.support, everything],
  ["finance: everybody's", people.finance, everything],
  ["admin: everybody's", people.admin, everything],
  ["the customer: their own", people.customer(alice), own],
  ["the customer, whose id comes in capitals", people.customer(alice.toUpperCase()), own],
  ["another customer: none of them", people.customer(bob), { ...nothing, ...notStaff, ofBob: [3, 3] }],
  [
    "somebody with the scope and nothing else: none",
    someone("payment:read"),
    { ...nothing, ...notStaff, sqlStatements: 0 },
  ],
  [
    "somebody whose customer_id is no id: none",
    someone("payment:read", { customer_id: "' OR true --" }),
    { ...nothing, ...notStaff, sqlStatements: 0 },
  ],
  [
    "staff without the right to see any customer: none",
    someone("payment:read", { roles: ["support"] }),
    { ...nothing, payments: [0, 0], errors: [], sqlStatements: 0 },
  ],
  [
    "somebody who calls themselves staff in another way: not the list",
    someone("payment:read", { roles: "support", customer_id: alice }),
    own,
  ],
  [
    "a customer without the scope to read payments: nothing at all",
    someone("contact:read", { customer_id: alice }),
    { ...noScope, sqlStatements: 0 },
  ],
  [
    "staff without the scope to read payments: nothing at all",
    someone("customer:any", { roles: ["support"] }),
    { ...noScope, sqlStatements: 0 },
  ],
  ["nobody in particular: nothing at all", people.anonymous, { ...noScope, sqlStatements: 0 }],
])("is as it should be for %s", async (_, who, expected) => {
  expect(await aliceSeenBy(who)).toMatchObject(expected);
});

it("tells nobody apart what they may not see from what is not there", async () => {
  const asked = async (id: string, customerId: string, orderId: string) => {
    const { data, errors } = await subgraph.ask(people.customer(bob), QUERY, {
      id,
      of: [
        { __typename: "Payment", id },
        { __typename: "Customer", id: customerId },
        { __typename: "Order", id: orderId },
      ],
    });
    return { data, errors };
  };
  expect(await asked(payment.id, alice, payment.order_id!)).toEqual(
    await asked(randomUUID(), randomUUID(), randomUUID()),
  );
});
