import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provisionDatabases, startTemporaryPostgres, type PostgresServer } from "@tributary/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CONTEXTS } from "./contexts.ts";
import { areEmpty, findSampleCustomer } from "./sample.ts";
import { startStack, type Stack } from "./stack.ts";

let server: PostgresServer;
let dataDir: string;

beforeAll(async () => {
  server = await startTemporaryPostgres();
  dataDir = mkdtempSync(join(tmpdir(), "tributary-databases-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Databases on a server of somebody else's, as the environment names them. */
async function theirs(prefix: string, contexts: readonly string[]): Promise<Record<string, string>> {
  const databases = contexts.map((context) => ({
    database: `${prefix}_${context}`,
    role: `${prefix}_${context}`,
  }));
  await provisionDatabases(
    server.adminUrl(),
    databases.map((one) => ({ ...one, password: "theirs" })),
  );
  return Object.fromEntries(
    contexts.map((context) => {
      const name = `${prefix}_${context}`;
      return [
        `${context.toUpperCase()}_DATABASE_URL`,
        `postgresql://${name}:theirs@127.0.0.1:${server.port}/${name}`,
      ];
    }),
  );
}

async function count(stack: Stack): Promise<number[]> {
  return Promise.all(
    [stack.databases.customer, stack.databases.order, stack.databases.payment].map(async (url, index) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const table = ["customers", "orders", "payments"][index];
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`);
      await client.end();
      return rows[0]!.count;
    }),
  );
}

test("one's own databases are migrated and seeded, and with one's own broker no server is started", async () => {
  const env = await theirs("all", CONTEXTS);
  const broker = { BROKER_URL: "nats://127.0.0.1:4222" };
  const stack = await startStack({ components: "databases", seedCustomers: 5, env: { ...env, ...broker } });
  expect({ adminUrl: stack.adminUrl, external: stack.external }).toEqual({
    adminUrl: null,
    external: CONTEXTS,
  });
  expect(Object.values(stack.databases)).toEqual(Object.values(env));
  expect((await count(stack))[0]).toBe(5);
  await stack.stop();
});

test("beside one's own databases, a server is started for the broker alone", async () => {
  const env = await theirs("broker", CONTEXTS);
  const stack = await startStack({ components: "databases", seedCustomers: false, env });
  const client = new pg.Client({ connectionString: stack.adminUrl?.() });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'",
  );
  await client.end();
  expect(rows.map(({ datname }) => datname)).toEqual(["broker"]);
  await stack.stop();
});

test("one's own database beside local ones", async () => {
  const env = await theirs("mixed", ["payment"]);
  const stack = await startStack({ components: "databases", seedCustomers: 5, env });
  expect(stack.external).toEqual(["payment"]);
  expect(stack.databases.payment).toBe(env["PAYMENT_DATABASE_URL"]);
  expect(new URL(stack.databases.order).port).not.toBe(String(server.port));
  expect((await count(stack)).every((rows) => rows > 0)).toBe(true);
  await stack.stop();
});

test("nothing is seeded where that is not wanted, and then nobody is a sample", async () => {
  const stack = await startStack({ components: "databases", seedCustomers: false });
  expect(await count(stack)).toEqual([0, 0, 0]);
  expect(await areEmpty(stack.databases)).toBe(true);
  expect(stack.sampleCustomerId).toBeNull();
  await expect(stack.token("customer")).rejects.toThrow("there is no customer yet");
  await stack.stop();
});

test("nothing is seeded where one of the databases holds something", async () => {
  const first = await startStack({ components: "databases", seedCustomers: 5, dataDir });
  const before = await count(first);
  const sample = first.sampleCustomerId;
  await first.stop();
  const second = await startStack({ components: "databases", seedCustomers: 9, dataDir });
  expect(await count(second)).toEqual(before);
  expect(second.sampleCustomerId).toBe(sample);

  // Without the generated customer who has some of everything, it is one who has both.
  const client = new pg.Client({ connectionString: second.databases.customer });
  await client.connect();
  await client.query("TRUNCATE customers CASCADE");
  await client.end();
  expect(await findSampleCustomer(second.databases)).toMatch(/^[0-9a-f-]{36}$/);
  expect(await areEmpty(second.databases)).toBe(false);
  await second.stop();

  rmSync(second.paths.passwords);
  await expect(startStack({ components: "databases", dataDir })).rejects.toThrow(
    /the passwords of the databases in/,
  );
});

test("a URL that is none is named by its variable, and not shown", async () => {
  const env = { ORDER_DATABASE_URL: "mysql://order:s3cret@127.0.0.1/order" };
  const fault = await startStack({ components: "databases", env }).catch((error: Error) => error.message);
  expect(fault).toMatch(/^ORDER_DATABASE_URL is not PostgreSQL's/);
  expect(fault).not.toContain("s3cret");
});

test("a server that is not there is named without its password", async () => {
  const env = Object.fromEntries(
    CONTEXTS.map((context) => [
      `${context.toUpperCase()}_DATABASE_URL`,
      `postgresql://u:s3cret@127.0.0.1:1/${context}`,
    ]),
  );
  const fault = await startStack({ components: "databases", env }).catch((error: Error) => error.message);
  expect(fault).toMatch(/^cannot connect to postgresql:\/\/u@127\.0\.0\.1:1\/customer: connect ECONNREFUSED/);
});
