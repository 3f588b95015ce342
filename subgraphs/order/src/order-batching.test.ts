import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertOrders, makeOrders } from "./orders.fixture.ts";

const customers = Array.from({ length: 50 }, () => randomUUID());
const orders = customers.map((id, index) => makeOrders(id, `C${index}`, 12));

let database: ContextDatabase;
let batching: TestSubgraph;
let single: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("order");
  await insertOrders(database, orders.flat());
  const databaseUrl = database.url;
  [batching, single] = await Promise.all([
    startTestSubgraph("order", { databaseUrl }),
    startTestSubgraph("order", { databaseUrl, env: { BATCHING: "off" } }),
  ]);
});

afterAll(async () => {
  await Promise.all([batching?.stop(), single?.stop()]);
  await database?.stop();
});

const CUSTOMERS = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer {
  id
  orders(first: 10) { totalCount nodes { number lines { total { formatted } } history { type } customer { id } } }
  open: orders(first: 2, filter: { status: [PENDING, CONFIRMED] }) { totalCount nodes { number } }
  orderSummary { orderCount } euros: orderSummary(currency: "EUR") { orderCount }
} } }`;

const ask = (subgraph: TestSubgraph, count: number) =>
  subgraph.ask(people.support, CUSTOMERS, {
    of: customers.slice(0, count).map((id) => ({ __typename: "Customer", id })),
  });

it("sends as many statements for fifty customers as for one", async () => {
  const [one, fifty] = [await ask(batching, 1), await ask(batching, 50)];
  expect(fifty.errors).toEqual([]);
  const answered = fifty.data._entities as { id: string; orders: { totalCount: number; nodes: unknown[] } }[];
  expect(answered.map((each) => [each.id, each.orders.totalCount, each.orders.nodes.length])).toEqual(
    customers.map((id) => [id, 12, 10]),
  );
  // Pages and counts of two lists, lines, history, figures.
  expect(one.sqlStatements).toBe(7);
  expect(fifty.sqlStatements).toBe(7);
});

it("sends a statement for each without batching, and answers the same", async () => {
  const [one, five] = [await ask(single, 1), await ask(single, 5)];
  // Pages and counts of two lists, two summaries; lines and history of ten orders.
  expect(one.sqlStatements).toBe(4 + 2 + 20);
  expect(five.sqlStatements).toBe(5 * 26);
  expect(five.data).toEqual((await ask(batching, 5)).data);
});

it("finds many orders by their references in one statement, each once", async () => {
  const references = orders.flatMap((ofOne) => ofOne.slice(0, 2)).flatMap((order) => [order, order]);
  const { data, sqlStatements } = await batching.ask(
    people.support,
    "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Order { id total { amountMinor } } } }",
    {
      of: [
        ...references.map(({ id }) => ({ __typename: "Order", id })),
        { __typename: "Order", id: randomUUID() },
      ],
    },
  );
  expect(data._entities).toEqual([
    ...references.map(({ id, total_minor }) => ({ id, total: { amountMinor: total_minor } })),
    null,
  ]);
  expect(sqlStatements).toBe(1);
});

it("sends none for what it is told already", async () => {
  const { data, sqlStatements } = await batching.ask(
    people.support,
    "query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Customer { id } } }",
    { of: customers.map((id) => ({ __typename: "Customer", id })) },
  );
  expect(data._entities[49]).toEqual({ __typename: "Customer", id: customers[49] });
  expect(sqlStatements).toBe(0);
});

it("counts no pages unless it is asked to", async () => {
  const { sqlStatements } = await batching.ask(people.support, "{ orders { nodes { customer { id } } } }");
  expect(sqlStatements).toBe(1);
});
