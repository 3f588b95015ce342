import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertPayments, makePayments } from "./payments.fixture.ts";

const customers = Array.from({ length: 50 }, () => randomUUID());
const payments = customers.map((id, index) => makePayments(id, `C${index}`, 12));

let database: ContextDatabase;
let batching: TestSubgraph;
let single: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("payment");
  await insertPayments(database, payments.flat());
  const databaseUrl = database.url;
  [batching, single] = await Promise.all([
    startTestSubgraph("payment", { databaseUrl }),
    startTestSubgraph("payment", { databaseUrl, env: { BATCHING: "off" } }),
  ]);
});

afterAll(async () => {
  await Promise.all([batching?.stop(), single?.stop()]);
  await database?.stop();
});

// One list alone asks for ledgers: those of two lists are read together only where both lists come at the same time.
const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) {
  ... on Customer {
    id
    payments(first: 10) { totalCount nodes { reference ledger { type } customer { id } order { id } } }
    open: payments(first: 2, filter: { status: [REQUESTED, AUTHORISED] }) { totalCount nodes { reference } }
    paymentSummary { paymentCount lastPayment { reference } } euros: paymentSummary(currency: "EUR") { paymentCount }
  }
  ... on Order { id payments(first: 1) { totalCount nodes { reference } } }
} }`;

/** A customer, or an order, as it is answered. */
interface Entity {
  id: string;
  payments: { totalCount: number; nodes: unknown[] };
  paymentSummary?: object;
}

const ordersOf = (index: number) => payments[index]!.flatMap(({ order_id }) => order_id ?? []);

/** Customers, and all of their orders. */
const ask = (subgraph: TestSubgraph, count: number) =>
  subgraph.ask(people.support, ENTITIES, {
    of: customers
      .slice(0, count)
      .flatMap((id, index) => [
        { __typename: "Customer", id },
        ...ordersOf(index).map((orderId) => ({ __typename: "Order", id: orderId })),
      ]),
  });

it("sends as many statements for fifty customers and their orders as for one", async () => {
  const [one, fifty] = [await ask(batching, 1), await ask(batching, 50)];
  expect(fifty.errors).toEqual([]);
  const entities: Entity[] = fifty.data._entities;
  const answered = entities.filter(({ paymentSummary }) => paymentSummary);
  expect(answered.map(({ id }) => id)).toEqual(customers);
  expect(answered.map((each) => each.payments.nodes.length)).toEqual(customers.map(() => 10));
  expect(answered.map((each) => each.payments.totalCount)).toEqual(customers.map(() => 12));
  const orders = entities.filter(({ paymentSummary }) => !paymentSummary);
  expect(orders.map((each) => [each.id, each.payments.nodes.length])).toEqual(
    customers.flatMap((_, index) => ordersOf(index).map((id) => [id, 1])),
  );
  // Pages and counts of two lists of customers and one of orders; ledgers, figures, the last payments.
  expect(one.sqlStatements).toBe(9);
  expect(fifty.sqlStatements).toBe(9);
});

it("sends a statement for each without batching, and answers the same", async () => {
  const [one, five] = [await ask(single, 1), await ask(single, 5)];
  // Pages and counts of two lists, two summaries, a last payment; ledgers of ten payments; for each of six
  // orders a page and a count.
  expect(one.sqlStatements).toBe(4 + 2 + 1 + 10 + 12);
  expect(five.sqlStatements).toBe(5 * 29);
  expect(five.data).toEqual((await ask(batching, 5)).data);
});

it("finds many payments by their references in one statement, each once", async () => {
  const references = payments.flatMap((ofOne) => ofOne.slice(0, 2)).flatMap((payment) => [payment, payment]);
  const { data, sqlStatements } = await batching.ask(
    people.support,
    "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Payment { id amount { amountMinor } } } }",
    {
      of: [
        ...references.map(({ id }) => ({ __typename: "Payment", id })),
        { __typename: "Payment", id: randomUUID() },
      ],
    },
  );
  expect(data._entities).toEqual([
    ...references.map(({ id, amount_minor }) => ({ id, amount: { amountMinor: amount_minor } })),
    null,
  ]);
  expect(sqlStatements).toBe(1);
});

it("sends none for what it is told already", async () => {
  const { data, sqlStatements } = await batching.ask(
    people.support,
    "query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Customer { id } ... on Order { id } } }",
    { of: customers.flatMap((id) => ["Customer", "Order"].map((__typename) => ({ __typename, id }))) },
  );
  expect(data._entities.slice(-2)).toEqual([
    { __typename: "Customer", id: customers[49] },
    { __typename: "Order", id: customers[49] },
  ]);
  expect(sqlStatements).toBe(0);
});

it("counts no pages unless it is asked to", async () => {
  const { sqlStatements } = await batching.ask(
    people.support,
    "{ payments { nodes { customer { id } order { id } } } }",
  );
  expect(sqlStatements).toBe(1);
});
