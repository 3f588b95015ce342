import { once } from "node:events";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIdentityIssuer } from "@tributary/subgraph-kit/identity";
import {
  people,
  runSubgraph,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import {
  insertCustomers,
  insertReservations,
  makeCustomers,
  type TestCustomer,
} from "./customers.fixture.ts";

let database: ContextDatabase;
let subgraph: TestSubgraph;
let customers: TestCustomer[];

beforeAll(async () => {
  database = await startContextDatabase("customer");
  customers = makeCustomers(60);
  await insertCustomers(database, customers);
  await insertReservations(
    database,
    customers.map(({ id }, index) => ({
      customer_id: id,
      amount_minor: 1 + index,
      currency: "USD",
      status: "HELD",
    })),
  );
  subgraph = await startTestSubgraph("customer", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const byReference = `query ($those: [_Any!]!) {
  _entities(representations: $those) {
    ... on Customer { id name creditHeld { amountMinor } creditAvailable { amountMinor } }
  }
}`;
const references = (count: number) => ({
  those: customers.slice(0, count).map(({ id }) => ({ __typename: "Customer", id })),
});

describe("batching", () => {
  test("many customers with their credit take as many statements as one does", async () => {
    const one = await subgraph.ask(people.finance, byReference, references(1));
    const many = await subgraph.ask(people.finance, byReference, references(50));
    expect(many.data._entities).toEqual(
      customers.slice(0, 50).map(({ id, name }, index) => ({
        id,
        name,
        creditHeld: { amountMinor: 1 + index },
        creditAvailable: { amountMinor: 100_000 - 1 - index },
      })),
    );
    expect([one.sqlStatements, many.sqlStatements]).toEqual([2, 2]);
  });

  test("a customer that is asked for in many ways is read once for each way", async () => {
    const { id, number } = customers[0]!;
    const { data, sqlStatements } = await subgraph.ask(
      people.admin,
      `query ($id: ID!, $number: String!, $those: [_Any!]!) {
        a: customer(id: $id) { id }
        b: customer(id: $id) { name }
        c: customerByNumber(number: $number) { id }
        d: customerByNumber(number: $number) { name }
        _entities(representations: $those) { ... on Customer { id } }
      }`,
      { id, number, ...references(1) },
    );
    expect(data).toMatchObject({
      a: { id },
      b: { name: customers[0]!.name },
      c: { id },
      _entities: [{ id }],
    });
    expect(sqlStatements).toBe(2);
  });

  test("BATCHING=off asks for each key by itself", async () => {
    const plain = await startTestSubgraph("customer", {
      databaseUrl: database.url,
      env: { BATCHING: "off" },
    });
    try {
      const batched = await subgraph.ask(people.finance, byReference, references(10));
      const { data, sqlStatements } = await plain.ask(people.finance, byReference, references(10));
      expect(data).toEqual(batched.data);
      // A row, and twice the sum of what is held, for each of the ten.
      expect(sqlStatements).toBe(30);
    } finally {
      await plain.stop();
    }
  });
});

describe("whoever has no token of the gateway's for this service", () => {
  const operation = JSON.stringify({ query: "{ __typename }" });

  test.each([
    ["none", async () => undefined],
    ["one for another service", () => subgraph.token(people.admin, { audience: "order" })],
    ["one that has expired", () => subgraph.token(people.admin, { lifetimeSeconds: -60 })],
    ["one of another gateway", async () => (await createIdentityIssuer()).issue(people.admin, "customer")],
    ["nonsense", async () => "nonsense"],
  ])("is refused: %s", async (_what, token) => {
    const value = await token();
    const response = await subgraph.post(
      operation,
      value === undefined ? {} : { authorization: `Bearer ${value}` },
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });

  test("is let in with one", async () => {
    const authorization = `Bearer ${await subgraph.token(people.anonymous)}`;
    const response = await subgraph.post(operation, { authorization });
    expect([response.status, await response.json()]).toEqual([200, { data: { __typename: "Query" } }]);
  });
});

test("without its database it is alive, not ready, and tells nobody why; with it again, it is ready", async () => {
  const status = async (path: string) => (await fetch(`${subgraph.url}${path}`)).status;
  expect([await status("/health/live"), await status("/health/ready")]).toEqual([200, 200]);
  await database.takeAway();
  try {
    expect([await status("/health/live"), await status("/health/ready")]).toEqual([200, 503]);
    const { data, errors } = await subgraph.ask(people.admin, "{ customers { nodes { id } } }");
    expect(data).toEqual({ customers: null });
    expect(errors).toEqual([
      {
        message: "The service cannot use its database now. Try again later.",
        path: ["customers"],
        locations: expect.anything(),
        extensions: { code: "DATABASE_UNAVAILABLE", retryAfter: 1 },
      },
    ]);
  } finally {
    await database.giveBack();
  }
  expect(await status("/health/ready")).toBe(200);
  const { errors } = await subgraph.ask(people.admin, "{ customers { nodes { id } } }");
  expect(errors).toEqual([]);
});

test("told to stop, it takes no more requests, finishes those that run, and ends well", async () => {
  const stopping = await startTestSubgraph("customer", { databaseUrl: database.url });
  const blocker = new pg.Client({ connectionString: database.url });
  await blocker.connect();
  try {
    await blocker.query("BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE");
    const running = stopping.ask(people.admin, "{ customers { totalCount } }");
    await until(async () => {
      const waiting = await database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
      return waiting.length > 0;
    });
    const stopped = stopping.stop();
    await until(() =>
      fetch(`${stopping.url}/health/live`).then(
        (response) => response.status === 503,
        () => true,
      ),
    );
    await blocker.query("COMMIT");
    expect((await running).data).toEqual({ customers: { totalCount: customers.length } });
    expect(await stopped).toEqual({ code: 0 });
  } finally {
    const ended = once(blocker, "end");
    await blocker.end();
    await ended;
    await stopping.stop();
  }
});

test("faults in its configuration are listed all at once, and it does not start", async () => {
  const { code, stderr } = await runSubgraph("customer", {
    PORT: "65536",
    DATABASE_URL: "mysql://localhost/customer",
    DATABASE_POOL_SIZE: "0",
    LOG_LEVEL: "loud",
    BATCHING: "maybe",
  });
  expect(code).toBe(2);
  for (const name of [
    "PORT",
    "DATABASE_URL",
    "DATABASE_POOL_SIZE",
    "IDENTITY_JWKS",
    "LOG_LEVEL",
    "BATCHING",
  ]) {
    expect(stderr).toContain(`  - ${name}: `);
  }
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
