import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type Answer,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { openFaultyLink, type FaultyLink } from "./faulty-link.ts";

let database: ContextDatabase;
let link: FaultyLink;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("customer");
});
afterAll(() => database?.stop());

beforeEach(async () => {
  link = await openFaultyLink(database.url);
  subgraph = await startTestSubgraph("customer", {
    databaseUrl: link.url,
    env: { DATABASE_POOL_SIZE: "2" },
  });
  // Connections are there when a test cuts them.
  await readCustomers();
});
afterEach(async () => {
  await subgraph?.stop();
  await link?.close();
});

const readCustomers = () =>
  subgraph.ask(people.admin, "{ a: customers { totalCount } b: customers { nodes { id } } }");
const register = () =>
  subgraph.ask(
    people.admin,
    "mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { __typename } }",
    {
      input: {
        name: "Somebody",
        creditLimit: { amountMinor: 1, currency: "USD" },
        idempotencyKey: randomUUID(),
      },
    },
  );
const ready = async () => (await fetch(`${subgraph.url}/health/ready`)).status;

const back = "the database can be used again";
/** What is logged above a level, without what is said at the start: the service runs without a broker here. */
const linesAbove = (level: number) =>
  subgraph.logs.filter(
    ({ level: of, msg }) => Number(of) > level && !String(msg).startsWith("BROKER_URL is not set"),
  );

function expectUnavailable({ status, errors }: Answer, fields: readonly string[]): void {
  expect(status).toBe(200);
  expect(errors.map(({ path }) => path?.join()).toSorted()).toEqual(fields);
  for (const { message, extensions } of errors) {
    expect(message).toBe("The service cannot use its database now. Try again later.");
    expect(extensions).toEqual({ code: "DATABASE_UNAVAILABLE", retryAfter: 1 });
  }
}

/** That the log has the one line for the beginning, and no more that a person should read. */
function expectOneLine(reason: string): void {
  const lines = linesAbove(30).filter(({ msg }) => msg !== back);
  expect(lines).toMatchObject([{ level: 50, reason }]);
  expect(JSON.stringify(subgraph.logs)).not.toContain("node_modules");
}

it.each([
  ["refused", "refuse", "cannot be reached"],
  ["left without an answer", "hang", "cannot be reached"],
  ["told that the database is starting", "starting", "is starting or stopping"],
] as const)(
  "%s: each field says to try again, and the log has a line for the beginning and one for the end",
  async (_, mode, reason) => {
    await link.set(mode);
    const [registered, ...read] = await Promise.all([
      register(),
      readCustomers(),
      readCustomers(),
      readCustomers(),
    ]);
    for (const answer of read) expectUnavailable(answer, ["a", "b"]);
    expectUnavailable(registered, ["registerCustomer"]);
    expect([await ready(), await ready()]).toEqual([503, 503]);
    const [first] = linesAbove(30);
    // What broke first may be the connections that were open, or a transaction that waited for one.
    expect([reason, "ended the connection", "does not answer in time"]).toContain(first?.["reason"]);
    expectOneLine(String(first?.["reason"]));
    await link.set("forward");
    expect(await subgraph.logged(({ msg }) => msg === back)).toMatchObject({ level: 40, failed: 7 });
    expect(await ready()).toBe(200);
    expect((await readCustomers()).errors).toEqual([]);
    expect((await register()).errors).toEqual([]);
    expect(linesAbove(30)).toHaveLength(2);
  },
  60_000,
);

it("let in no more, with its sessions ended", async () => {
  await database.takeAway();
  try {
    expectUnavailable(await readCustomers(), ["a", "b"]);
    expect(await ready()).toBe(503);
    expect(linesAbove(40)).toMatchObject([{ level: 50 }]);
  } finally {
    await database.giveBack();
  }
  await subgraph.logged(({ msg }) => msg === back);
  expect((await readCustomers()).errors).toEqual([]);
});

/** Sends a request that waits for a lock, and has something done to its session. */
async function whileWaiting(work: (pid: number) => string): Promise<Answer> {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  try {
    await holder.query("BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE");
    const waiting = subgraph.ask(people.admin, "{ customers { totalCount } }");
    for (;;) {
      const { rows } = await holder.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
      );
      if (rows[0]) {
        await holder.query(work(rows[0].pid));
        break;
      }
      await sleep(10);
    }
    return await waiting;
  } finally {
    await holder.end();
  }
}

it.each([
  ["a session that is ended while it works", "pg_terminate_backend", "ended the connection"],
  ["a statement that is ended as too slow", "pg_cancel_backend", "does not answer in time"],
])("%s", async (_, functionName, reason) => {
  expectUnavailable(await whileWaiting((pid) => `SELECT ${functionName}(${pid})`), ["customers"]);
  expectOneLine(reason);
  expect((await readCustomers()).errors).toEqual([]);
});

it("no connection of the pool that gets free in time", async () => {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  try {
    await holder.query("BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE");
    const working = [readCustomers(), readCustomers()];
    const late = await subgraph.ask(people.admin, "{ customers { nodes { id } } }");
    expectUnavailable(late, ["customers"]);
    expectOneLine("does not answer in time");
    await holder.query("COMMIT");
    await Promise.all(working);
  } finally {
    await holder.end();
  }
  expect((await readCustomers()).errors).toEqual([]);
}, 60_000);

/** Until the connections that were cut have been noticed, and new ones are there. */
async function settled(): Promise<void> {
  while ((await ready()) !== 200) await sleep(20);
  const count = (found: boolean) => linesAbove(30).filter(({ msg }) => (msg === back) === found).length;
  while (count(false) > count(true) + linesAbove(30).filter(({ connections }) => connections).length)
    await sleep(20);
}

/** Changes a setting of the database or the role; new sessions have it. */
async function reconfigured(statement: string, undo: string, work: () => Promise<void>): Promise<void> {
  await database.asSuperuser(statement);
  await link.set("forward");
  await settled();
  try {
    await work();
  } finally {
    await database.asSuperuser(undo);
    await link.set("forward");
  }
}

it("no changes taken, as after a failover: what reads goes on", async () => {
  await reconfigured(
    'ALTER DATABASE "customer" SET default_transaction_read_only = on',
    'ALTER DATABASE "customer" RESET default_transaction_read_only',
    async () => {
      expectUnavailable(await register(), ["registerCustomer"]);
      expect((await readCustomers()).errors).toEqual([]);
      expect(linesAbove(40).at(-1)).toMatchObject({ reason: "takes no changes" });
    },
  );
});

it("too many connections", async () => {
  await database.asSuperuser('ALTER ROLE "customer" CONNECTION LIMIT 0');
  await link.set("forward");
  try {
    expectUnavailable(await readCustomers(), ["a", "b"]);
    expect(linesAbove(40).at(-1)).toMatchObject({ reason: "has no connection left for this service" });
  } finally {
    await database.asSuperuser('ALTER ROLE "customer" CONNECTION LIMIT -1');
  }
  expect((await readCustomers()).errors).toEqual([]);
});

it("a disk that is full", async () => {
  await database.query(
    `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
     CREATE TRIGGER full_disk BEFORE INSERT ON customers EXECUTE FUNCTION full_disk()`,
  );
  try {
    expectUnavailable(await register(), ["registerCustomer"]);
    expectOneLine("has run out of space or memory");
  } finally {
    await database.query("DROP FUNCTION full_disk CASCADE");
  }
  expect((await register()).errors).toEqual([]);
});

it("a fault that is ours stays an internal error, with its stack in the log", async () => {
  await database.query("ALTER TABLE customers RENAME TO gone");
  try {
    const { errors } = await readCustomers();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      "INTERNAL_SERVER_ERROR",
      "INTERNAL_SERVER_ERROR",
    ]);
    expect(await subgraph.logged(({ msg }) => msg === "a resolver failed")).toMatchObject({
      err: { stack: expect.stringContaining("at ") },
    });
  } finally {
    await database.query("ALTER TABLE gone RENAME TO customers");
  }
});
