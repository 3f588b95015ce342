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
import { insertOrders, makeOrders } from "./orders.fixture.ts";

const [alice, bob] = [randomUUID(), randomUUID()];
const ofAlice = makeOrders(alice, "A", 4);
const ofBob = makeOrders(bob, "B", 3);

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("order");
  await insertOrders(database, [...ofAlice, ...ofBob]);
  subgraph = await startTestSubgraph("order", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const QUERY = `query ($id: ID!, $number: String!, $of: [_Any!]!) {
  order(id: $id) { number }
  orderByNumber(number: $number) { number }
  orders { totalCount nodes { number } }
  _entities(representations: $of) {
    ... on Order { number lines { lineNumber } history { version } }
    ... on Customer { orders { totalCount nodes { number } } orderSummary { orderCount firstPlacedAt otherCurrencies } }
  }
}`;

/** What somebody gets of Alice's orders, on every way that leads to them. */
async function aliceSeenBy(who: Identity) {
  const { data, errors, sqlStatements } = await subgraph.ask(who, QUERY, {
    id: ofAlice[1]!.id,
    number: "A-1",
    of: [
      { __typename: "Order", id: ofAlice[1]!.id },
      { __typename: "Customer", id: alice },
      { __typename: "Customer", id: bob },
    ],
  });
  const [order, customer, other] = data._entities;
  return {
    order: data.order?.number ?? null,
    byNumber: data.orderByNumber?.number ?? null,
    orders: data.orders?.totalCount ?? null,
    listed: data.orders?.nodes.length ?? null,
    entity: order && [order.number, order.lines.length, order.history.length],
    ofAlice: customer.orders && [customer.orders.totalCount, customer.orders.nodes.length],
    ofBob: other.orders && [other.orders.totalCount, other.orders.nodes.length],
    summary: customer.orderSummary && [
      customer.orderSummary.orderCount,
      customer.orderSummary.otherCurrencies,
    ],
    since: customer.orderSummary?.firstPlacedAt ?? null,
    errors: errors.map(({ path, extensions }) => `${extensions.code} ${path?.join(".")}`).sort(),
    sqlStatements,
  };
}

const someone = (scope: string, claims: Record<string, unknown> = {}): Identity => ({
  subject: "user:someone",
  scopes: new Set(scope.split(" ")),
  claims,
});

const everything = {
  order: "A-1",
  byNumber: "A-1",
  orders: 7,
  listed: 7,
  entity: ["A-1", 3, 9],
  ofAlice: [4, 4],
  ofBob: [3, 3],
  summary: [3, ["EUR"]],
  since: ofAlice.map(({ placed_at }) => placed_at).toSorted()[0],
  errors: [],
};
/** As if nobody had ever ordered. */
const nothing = {
  order: null,
  byNumber: null,
  entity: null,
  ofAlice: [0, 0],
  ofBob: [0, 0],
  summary: [0, []],
  since: null,
};
const notStaff = { orders: null, listed: null, errors: ["FORBIDDEN orders"] };
const noScope = {
  order: null,
  byNumber: null,
  entity: null,
  ofAlice: null,
  ofBob: null,
  summary: null,
  since: null,
  errors: [
    "FORBIDDEN _entities.0",
    "FORBIDDEN _entities.1.orderSummary",
    "FORBIDDEN _entities.1.orders",
    "FORBIDDEN _entities.2.orderSummary",
    "FORBIDDEN _entities.2.orders",
    "FORBIDDEN order",
    "FORBIDDEN orderByNumber",
  ],
};

it.each([
  ["support, finance and admin: support", people.support, everything],
  ["support, finance and admin: finance", people.finance, everything],
  ["support, finance and admin: admin", people.admin, everything],
  ["the customer: their own", people.customer(alice), { ...everything, ...notStaff, ofBob: [0, 0] }],
  [
    "the customer, whose id comes in capitals",
    people.customer(alice.toUpperCase()),
    { ...everything, ...notStaff, ofBob: [0, 0] },
  ],
  ["another customer: none of them", people.customer(bob), { ...nothing, ...notStaff, ofBob: [3, 3] }],
  [
    "somebody with the scope and nothing else: none",
    someone("order:read"),
    { ...nothing, ...notStaff, sqlStatements: 0 },
  ],
  [
    "somebody whose customer_id is no id: none",
    someone("order:read", { customer_id: "' OR true --" }),
    { ...nothing, ...notStaff, sqlStatements: 0 },
  ],
  [
    "staff without the right to see any customer: none",
    someone("order:read", { roles: ["support"] }),
    { ...nothing, orders: 0, listed: 0, errors: [], sqlStatements: 0 },
  ],
  [
    "somebody who calls themselves staff in another way: not the list",
    someone("order:read", { roles: "support", customer_id: alice }),
    { ...everything, ...notStaff, ofBob: [0, 0] },
  ],
  [
    "a customer without the scope to read orders: no field that needs it",
    someone("contact:read", { customer_id: alice }),
    { ...noScope, orders: null, listed: null, errors: [...noScope.errors, "FORBIDDEN orders"] },
  ],
  [
    "nobody in particular: nothing at all",
    people.anonymous,
    {
      ...noScope,
      orders: null,
      listed: null,
      errors: [...noScope.errors, "FORBIDDEN orders"],
      sqlStatements: 0,
    },
  ],
])("is as it should be for %s", async (_, who, expected) => {
  expect(await aliceSeenBy(who)).toMatchObject(expected);
});

it("tells nobody apart what they may not see from what is not there", async () => {
  const asked = async (id: string) => {
    const { data, errors } = await subgraph.ask(
      people.customer(bob),
      `query ($id: ID!, $customer: _Any!) { order(id: $id) { id } _entities(representations: [$customer]) { ... on Customer { orders { totalCount pageInfo { hasNextPage } } orderSummary { orderCount byStatus { count } } } } }`,
      { id, customer: { __typename: "Customer", id: id === ofAlice[0]!.id ? alice : randomUUID() } },
    );
    return { data, errors };
  };
  expect(await asked(ofAlice[0]!.id)).toEqual(await asked(randomUUID()));
});

it("shows staff alone how an order is worked on", async () => {
  await database.query(
    "INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at) VALUES ($1, 'RESERVE_CREDIT', $2, 3, '2030-01-01Z', now(), now())",
    [ofAlice[0]!.id, randomUUID()],
  );
  const ask = (who: Identity) =>
    subgraph.ask(
      who,
      "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Order { saga { step attempts deadline } } } }",
      { of: ofAlice.slice(0, 2).map(({ id }) => ({ __typename: "Order", id })) },
    );
  const staff = await ask(people.support);
  expect(staff.errors).toEqual([]);
  expect(staff.data._entities).toEqual([
    { saga: { step: "RESERVE_CREDIT", attempts: 3, deadline: "2030-01-01T00:00:00.000Z" } },
    { saga: null },
  ]);
  const own = await ask(people.customer(alice));
  expect(own.data._entities).toEqual([{ saga: null }, { saga: null }]);
  expect(new Set(own.errors.map(({ extensions }) => extensions.code))).toEqual(new Set(["FORBIDDEN"]));
});
