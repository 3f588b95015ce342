import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  people,
  runSubgraph,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertPayments, makePayments } from "./payments.fixture.ts";

const [payment] = makePayments(randomUUID(), "A", 1);

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("payment");
  await insertPayments(database, [payment!]);
  subgraph = await startTestSubgraph("payment", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const PAYMENTS = JSON.stringify({ query: "{ payments { nodes { reference } } }" });

it.each([
  ["no token", async () => ({})],
  ["a token of another kind", async () => ({ authorization: "Basic c2VjcmV0" })],
  ["a token that is none", async () => ({ authorization: "Bearer nonsense" })],
  [
    "a token for another subgraph",
    async () => ({ authorization: `Bearer ${await subgraph.token(people.admin, { audience: "order" })}` }),
  ],
  [
    "a token that has expired",
    async () => ({ authorization: `Bearer ${await subgraph.token(people.admin, { lifetimeSeconds: -60 })}` }),
  ],
  [
    "a token that somebody signed with a key of their own",
    async () => {
      const [header, payload] = (await subgraph.token(people.admin)).split(".");
      return { authorization: `Bearer ${header}.${payload}.${"A".repeat(86)}` };
    },
  ],
])("answers 401 to %s", async (_, headers) => {
  const response = await subgraph.post(PAYMENTS, await headers());
  expect(response.status).toBe(401);
  const body = (await response.json()) as { errors: { extensions: { code: string } }[]; data?: unknown };
  expect(body.errors.map(({ extensions }) => extensions.code)).toEqual(["UNAUTHENTICATED"]);
  expect(body.data).toBeUndefined();
});

it("answers with the gateway's token", async () => {
  const response = await subgraph.post(PAYMENTS, {
    authorization: `Bearer ${await subgraph.token(people.admin)}`,
  });
  expect(await response.json()).toEqual({ data: { payments: { nodes: [{ reference: "A-0" }] } } });
});

it("is not ready while the database is gone, tells nobody why, and recovers", async () => {
  const ready = async () => (await fetch(`${subgraph.url}/health/ready`)).status;
  expect(await ready()).toBe(200);
  await database.takeAway();
  try {
    expect(await ready()).toBe(503);
    expect((await fetch(`${subgraph.url}/health/live`)).status).toBe(200);
    const { data, errors } = await subgraph.ask(people.support, "{ payments { totalCount } }");
    expect(data).toEqual({ payments: null });
    expect(errors).toEqual([
      expect.objectContaining({
        message: "The service cannot use its database now. Try again later.",
        path: ["payments"],
        extensions: { code: "DATABASE_UNAVAILABLE", retryAfter: 1 },
      }),
    ]);
    // Whoever runs the service finds the reason in the log.
    // The first that it hears of it may be that a session ended in the middle of a statement: it looks for work by itself.
    const reasons = new Set<unknown>(["does not let this service in", "ended the connection"]);
    await subgraph.logged(({ reason }) => reasons.has(reason));
  } finally {
    await database.giveBack();
  }
  expect(await ready()).toBe(200);
  expect((await subgraph.ask(people.support, "{ payments { totalCount } }")).data).toEqual({
    payments: { totalCount: 1 },
  });
});

it("finishes the requests that run before it stops", async () => {
  const own = await startTestSubgraph("payment", { databaseUrl: database.url });
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE payments IN ACCESS EXCLUSIVE MODE");
    const running = own.post(PAYMENTS, {
      authorization: `Bearer ${await own.token(people.admin)}`,
    });
    await waitsForLock(holder);
    const stopped = own.stop();
    await refused(own.url);
    await holder.query("COMMIT");
    expect(await (await running).json()).toEqual({ data: { payments: { nodes: [{ reference: "A-0" }] } } });
    expect(await stopped).toEqual({ code: 0 });
  } finally {
    await holder.end();
    await own.stop();
  }
});

it("lists every fault of its configuration at once", async () => {
  const { code, stderr } = await runSubgraph("payment", {
    PORT: "70000",
    DATABASE_URL: "mysql://elsewhere/payment",
    DATABASE_POOL_SIZE: "none",
    LOG_LEVEL: "loud",
    BATCHING: "perhaps",
  });
  expect(code).toBe(2);
  expect(stderr.match(/^ {2}- (\w+):/gm)?.map((line) => line.slice(4, -1))).toEqual([
    "PORT",
    "DATABASE_URL",
    "DATABASE_POOL_SIZE",
    "IDENTITY_JWKS",
    "LOG_LEVEL",
    "BATCHING",
  ]);
});

/** Until a request waits for a lock; the worker, which looks for calls by itself, waits for the same one. */
async function waitsForLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query NOT LIKE '%provider_calls%'",
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Until nothing listens at the URL any more. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/health/live`);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
