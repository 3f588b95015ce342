import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertCustomers, insertReservations, makeCustomer } from "./customers.fixture.ts";

let database: ContextDatabase;
let subgraph: TestSubgraph;

const own = makeCustomer({ status: "SUSPENDED", suspension_reason: "does not pay" });
const other = makeCustomer();

beforeAll(async () => {
  database = await startContextDatabase("customer");
  await insertCustomers(database, [own, other]);
  await insertReservations(database, [
    { customer_id: own.id, amount_minor: 30_000, currency: "USD", status: "HELD" },
    { customer_id: own.id, amount_minor: 80_000, currency: "USD", status: "HELD" },
    { customer_id: own.id, amount_minor: 500_000, currency: "USD", status: "SETTLED" },
    { customer_id: own.id, amount_minor: 600_000, currency: "USD", status: "RELEASED" },
  ]);
  subgraph = await startTestSubgraph("customer", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const fields = `
  id number name status suspensionReason contactName phone email version createdAt updatedAt
  address { line1 line2 city region postalCode country }
  creditLimit { amountMinor currency formatted }
  creditHeld { amountMinor currency formatted }
  creditAvailable { amountMinor currency formatted }`;

const open = {
  id: own.id,
  number: own.number,
  name: "Blue Kettle",
  status: "SUSPENDED",
  version: 1,
  createdAt: "2024-01-01T00:00:00.000Z",
};
const contact = {
  contactName: "The Buyer",
  phone: "+1 555 0100",
  email: "buyer@example.com",
  address: {
    line1: "1 High Street",
    line2: null,
    city: "Lyon",
    region: null,
    postalCode: null,
    country: "France",
  },
};
const noContact = { contactName: null, phone: null, email: null, address: null };
const credit = {
  creditLimit: { amountMinor: 100_000, currency: "USD", formatted: "$1,000.00" },
  creditHeld: { amountMinor: 110_000, currency: "USD", formatted: "$1,100.00" },
  creditAvailable: { amountMinor: -10_000, currency: "USD", formatted: "-$100.00" },
};
const noCredit = { creditLimit: null, creditHeld: null, creditAvailable: null };
const reason = { suspensionReason: "does not pay" };
const noReason = { suspensionReason: null };

test.each([
  ["a customer", people.customer(own.id), { ...open, ...contact, ...credit, ...noReason }],
  ["support", people.support, { ...open, ...contact, ...noCredit, ...reason }],
  ["finance", people.finance, { ...open, ...noContact, ...credit, ...reason }],
  ["an administrator", people.admin, { ...open, ...contact, ...credit, ...reason }],
])("%s sees of a customer what their scopes say", async (_who, who, seen) => {
  const { data, errors } = await subgraph.ask(who, `query ($id: ID!) { customer(id: $id) { ${fields} } }`, {
    id: own.id,
  });
  expect(data.customer).toMatchObject(seen);
  const hidden = Object.entries({ ...contact, ...credit, ...reason })
    .map(([name]) => name)
    .filter((name) => seen[name as keyof typeof seen] === null);
  expect(errors.map(({ path, extensions }) => `${path?.join(".")} ${extensions.code}`).toSorted()).toEqual(
    hidden.map((name) => `customer.${name} FORBIDDEN`).toSorted(),
  );
});

const everyWay = `query ($id: ID!, $number: String!) {
  customer(id: $id) { id }
  customerByNumber(number: $number) { id }
  _entities(representations: [{ __typename: "Customer", id: "${own.id}" }, { __typename: "Customer", id: "${other.id}" }]) {
    ... on Customer { id }
  }
  me { id }
}`;

describe("rows", () => {
  const ask = async (who: Parameters<TestSubgraph["ask"]>[0]) => {
    const { data, errors, sqlStatements } = await subgraph.ask(who, everyWay, {
      id: other.id,
      number: other.number,
    });
    expect(errors).toEqual([]);
    return { data, sqlStatements };
  };

  test("a customer sees themselves, and nobody else, however they ask", async () => {
    expect((await ask(people.customer(own.id))).data).toEqual({
      customer: null,
      customerByNumber: null,
      _entities: [{ id: own.id }, null],
      me: { id: own.id },
    });
  });

  test("a customer whose claim is in capitals is the same customer", async () => {
    expect((await ask(people.customer(own.id.toUpperCase()))).data.me).toEqual({ id: own.id });
  });

  test.each(["support", "finance", "admin"] as const)(
    "%s sees everybody, and is no customer",
    async (role) => {
      expect((await ask(people[role])).data).toEqual({
        customer: { id: other.id },
        customerByNumber: { id: other.id },
        _entities: [{ id: own.id }, { id: other.id }],
        me: null,
      });
    },
  );

  test.each([
    ["somebody anonymous", people.anonymous],
    ["a customer whose claim is no id", people.customer("' OR true --")],
    ["a customer whose claim is no text", { ...people.customer(own.id), claims: { customer_id: [own.id] } }],
    ["staff without the scope for all customers", { ...people.support, scopes: new Set(["contact:read"]) }],
  ])("%s sees nobody, and nothing is asked of the database", async (_who, who) => {
    const { data, sqlStatements } = await ask(who);
    expect(data).toEqual({ customer: null, customerByNumber: null, _entities: [null, null], me: null });
    expect(sqlStatements).toBe(0);
  });

  test("a customer sees their own number by it", async () => {
    const { data } = await subgraph.ask(
      people.customer(own.id),
      "query ($number: String!) { customerByNumber(number: $number) { id } }",
      { number: own.number },
    );
    expect(data.customerByNumber).toEqual({ id: own.id });
  });
});

describe("the list of all customers", () => {
  const list = "{ customers { totalCount nodes { id } } }";

  test.each([
    ["a customer", people.customer(own.id)],
    ["somebody anonymous", people.anonymous],
  ])("is refused to %s", async (_who, who) => {
    const { data, errors } = await subgraph.ask(who, list);
    expect(data).toEqual({ customers: null });
    expect(errors).toMatchObject([{ path: ["customers"], extensions: { code: "FORBIDDEN" } }]);
  });

  test("is empty for staff without the scope for all customers", async () => {
    const { data } = await subgraph.ask({ ...people.support, scopes: new Set() }, list);
    expect(data.customers).toEqual({ totalCount: 0, nodes: [] });
  });
});

test("ids that are unknown, or no ids at all, are nobody's", async () => {
  const ids = [randomUUID(), "", "103", "' OR true --", `${own.id}\0`, own.id.replaceAll("-", ""), "\ud800"];
  const { data, errors } = await subgraph.ask(
    people.admin,
    `query ($those: [_Any!]!, $id: ID!, $number: String!) {
      _entities(representations: $those) { ... on Customer { id } }
      customer(id: $id) { id }
      customerByNumber(number: $number) { id }
    }`,
    {
      those: [...ids, own.id.toUpperCase()].map((id) => ({ __typename: "Customer", id })),
      id: "103",
      number: "\0",
    },
  );
  expect(errors).toEqual([]);
  expect(data).toEqual({
    _entities: [...ids.map(() => null), { id: own.id }],
    customer: null,
    customerByNumber: null,
  });
});

describe("credit", () => {
  const ask = async (id: string) => {
    const { data, errors } = await subgraph.ask(
      people.finance,
      `query ($id: ID!) { customer(id: $id) { creditHeld { amountMinor currency } creditAvailable { amountMinor } } }`,
      { id },
    );
    return { ...data.customer, codes: errors.map(({ extensions }) => extensions.code) };
  };

  test("none is held for a customer without reservations", async () => {
    expect(await ask(other.id)).toEqual({
      creditHeld: { amountMinor: 0, currency: "USD" },
      creditAvailable: { amountMinor: 100_000 },
      codes: [],
    });
  });

  test("sums are exact up to 2^53 - 1", async () => {
    const rich = makeCustomer({ credit_limit_minor: Number.MAX_SAFE_INTEGER });
    await insertCustomers(database, [rich]);
    await insertReservations(database, [
      { customer_id: rich.id, amount_minor: "9007199254740989", currency: "USD", status: "HELD" },
      { customer_id: rich.id, amount_minor: 1, currency: "USD", status: "HELD" },
    ]);
    expect(await ask(rich.id)).toEqual({
      creditHeld: { amountMinor: 9_007_199_254_740_990, currency: "USD" },
      creditAvailable: { amountMinor: 1 },
      codes: [],
    });
  });

  test("held in another currency than the limit's does not add up", async () => {
    const mixed = makeCustomer();
    await insertCustomers(database, [mixed]);
    await insertReservations(database, [
      { customer_id: mixed.id, amount_minor: 1, currency: "USD", status: "HELD" },
      { customer_id: mixed.id, amount_minor: 1, currency: "EUR", status: "HELD" },
    ]);
    expect(await ask(mixed.id)).toEqual({
      creditHeld: null,
      creditAvailable: null,
      codes: ["CURRENCY_MISMATCH", "CURRENCY_MISMATCH"],
    });
  });
});

test("an address without a street is none", async () => {
  const homeless = makeCustomer({ address_line1: null });
  await insertCustomers(database, [homeless]);
  const { data } = await subgraph.ask(
    people.support,
    "query ($id: ID!) { customer(id: $id) { address { city } } }",
    { id: homeless.id },
  );
  expect(data.customer).toEqual({ address: null });
});

describe("reservations", () => {
  const query = `query ($those: [_Any!]!) {
    creditReservations(first: 2) { totalCount nodes { status customer { id } } pageInfo { hasNextPage endCursor } }
    _entities(representations: $those) { ... on Order { creditReservation { status amount { amountMinor } order { id } } } }
  }`;
  const ask = async (who: Parameters<TestSubgraph["ask"]>[0]) => {
    const rows = await database.query("SELECT order_id FROM credit_reservations WHERE amount_minor = 80000");
    const those = [(rows as { order_id: string }[])[0]!.order_id, randomUUID(), "no id"];
    const { data, errors } = await subgraph.ask(who, query, {
      those: those.map((id) => ({ __typename: "Order", id })),
    });
    return { data, codes: errors.map(({ extensions }) => extensions.code), orderId: those[0] };
  };

  test.each(["finance", "admin"] as const)("%s sees them all, and that of an order", async (role) => {
    const { data, codes, orderId } = await ask(people[role]);
    expect(codes).toEqual([]);
    expect(data.creditReservations.totalCount).toBeGreaterThanOrEqual(4);
    expect(data.creditReservations.nodes).toHaveLength(2);
    expect(data._entities).toEqual([
      { creditReservation: { status: "HELD", amount: { amountMinor: 80_000 }, order: { id: orderId } } },
      { creditReservation: null },
      { creditReservation: null },
    ]);
  });

  test.each([
    ["a customer", people.customer(own.id)],
    ["support", people.support],
    ["somebody anonymous", people.anonymous],
  ])("%s sees none", async (_who, who) => {
    const { data, codes } = await ask(who);
    expect(data.creditReservations).toBeNull();
    expect(data._entities.map((order: { creditReservation: null }) => order.creditReservation)).toEqual([
      null,
      null,
      null,
    ]);
    expect(new Set(codes)).toEqual(new Set(["FORBIDDEN"]));
  });

  test("come once each, page by page", async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const { data, errors } = await subgraph.ask(
        people.admin,
        "query ($after: String) { creditReservations(first: 3, after: $after) { nodes { order { id } } pageInfo { hasNextPage endCursor } } }",
        { after },
      );
      expect(errors).toEqual([]);
      const { nodes, pageInfo } = data.creditReservations;
      seen.push(...nodes.map(({ order }: { order: { id: string } }) => order.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    const rows = await database.query("SELECT order_id FROM credit_reservations ORDER BY order_id");
    expect(seen).toEqual((rows as { order_id: string }[]).map(({ order_id: id }) => id));
  });
});
