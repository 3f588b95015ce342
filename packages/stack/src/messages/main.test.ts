import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openHistoryStore } from "@tributary/history/load";
import { applyMigrations } from "@tributary/migrate";
import { startTemporaryPostgres, type PostgresServer } from "@tributary/postgres";
import { hasRedisServer, startRedisServer, withoutRedisServer } from "@tributary/subgraph-testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const CONTEXTS = ["customer", "order", "payment"];
let server: PostgresServer;
let env: NodeJS.ProcessEnv;
let order: pg.Client;

beforeAll(async () => {
  server = await startTemporaryPostgres();
  const admin = new pg.Client({ connectionString: server.adminUrl() });
  await admin.connect();
  for (const context of [...CONTEXTS, "broker"]) await admin.query(`CREATE DATABASE "${context}"`);
  await admin.end();
  await Promise.all(CONTEXTS.map((context) => applyMigrations({ context, url: server.adminUrl(context) })));
  env = { ...process.env, NO_COLOR: "1", BROKER_URL: "" };
  // Contexts without messages of their own have any database without these tables.
  for (const context of ["customer", "order", "payment", "history"])
    env[`${context.toUpperCase()}_DATABASE_URL`] = server.adminUrl(
      CONTEXTS.includes(context) ? context : "postgres",
    );
  order = new pg.Client({ connectionString: server.adminUrl("order") });
  await order.connect();
});
afterAll(async () => {
  await order?.end();
  await server?.stop();
});
beforeEach(async () => {
  await order.query("TRUNCATE outbox_messages, dead_letters");
});

async function messages(args: string[], more: NodeJS.ProcessEnv = {}) {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], {
      env: { ...env, ...more },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

async function bury(error: string, envelope: object = { type: "CreditReserved", correlationId: "order-1" }) {
  const id = randomUUID();
  await order.query(
    "INSERT INTO dead_letters (consumer, message_id, channel, envelope, error, attempts) VALUES ('order', $1, 'customer.events', $2, $3, 9)",
    [id, JSON.stringify(envelope), error],
  );
  return id;
}

test("status shows what is unsent, dead letters, and the consumers of the broker that is named", async () => {
  await order.query(
    "INSERT INTO outbox_messages (id, channel, shard, envelope, created_at) VALUES ($1, 'order.events', 0, '{}', now() - interval '10 minutes')",
    [randomUUID()],
  );
  await bury("boom");
  const { code, stdout } = await messages(["status"], { BROKER_URL: server.adminUrl("broker") });
  expect(stdout).toMatch(/^customer +0 +- +none$/m);
  expect(stdout).toMatch(/^order +1 +10 min +order 1$/m);
  expect(stdout).toMatch(/^channel +consumer +waiting +in flight$/m);
  expect(code).toBe(0);
});

test("dead letters are listed with what failed, within 80 columns", async () => {
  const id = await bury(`Error: ${"long ".repeat(40)}\n    at somewhere`);
  await bury("EnvelopeError: not a message", { no: "message" });
  const { stdout } = await messages(["dead-letters"]);
  expect(stdout).toContain(`${id}  CreditReserved\n  order, order, 20`);
  expect(stdout).toContain("correlation order-1");
  expect(stdout).toContain("not a message");
  expect(stdout).not.toContain("at somewhere");
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("redrive marks what is meant, and tells when nobody takes it up", async () => {
  const [one, other] = [await bury("boom"), await bury("boom")];
  const { code, stdout } = await messages(["redrive", "order", "--id", one, "--wait", "0"]);
  expect(stdout).toContain("0 of 1 handled.");
  expect(stdout).toContain("1 wait for their service");
  expect(code).toBe(1);
  const { rows } = await order.query(
    "SELECT message_id FROM dead_letters WHERE redrive_requested_at IS NOT NULL",
  );
  expect(rows).toEqual([{ message_id: one }]);
  expect(rows).not.toContainEqual({ message_id: other });
});

test.for([
  [["redrive"], "say which: --id ID, --consumer NAME or --all"],
  [["redrive", "--id", "x"], "x is no message id"],
  [["dead-letters", "nobody"], "Allowed choices are"],
] as const)("%j says what is wrong", async ([args, text]) => {
  const { code, stderr } = await messages([...args]);
  expect(stderr).toContain(text);
  expect(stderr).not.toContain("    at ");
  expect(code).toBe(1);
});

test("a database and a broker that do not answer are named, and their passwords are not", async () => {
  const away = "postgresql://order:s3cret@127.0.0.1:1/order";
  const { code, stderr } = await messages(["status"], { ORDER_DATABASE_URL: away });
  expect(stderr).toContain("postgresql://order@127.0.0.1:1/order cannot be asked");
  expect(stderr).not.toContain("s3cret");
  expect(code).toBe(1);
  const broker = await messages(["status"], { BROKER_URL: away });
  expect(broker.stderr).toContain("the broker that BROKER_URL names does not answer: connect ECONNREFUSED");
  expect(broker.stderr).not.toContain("s3cret");
});

test("a Redis that does not answer is named, and its password is not", async () => {
  const away = { HISTORY_STORE: "redis", HISTORY_REDIS_URL: "redis://:s3cret@127.0.0.1:1/0" };
  const { code, stderr } = await messages(["dead-letters", "history"], away);
  expect(stderr).toContain("redis://127.0.0.1:1/0 cannot be asked");
  expect(stderr).not.toContain("s3cret");
  expect(code).toBe(1);
});

test.skipIf(!hasRedisServer)(
  `letters of a history in Redis are listed and asked for again${hasRedisServer ? "" : ` (${withoutRedisServer})`}`,
  async () => {
    const redis = await startRedisServer();
    const store = openHistoryStore(redis.url);
    try {
      const messageId = randomUUID();
      const envelope = { type: "OrderCreated", correlationId: "order-1" };
      const letter = { consumer: "history", messageId, channel: "order.events", envelope, attempts: 1 };
      await store.bury({ ...letter, error: "ProjectionError: placedAt must be text" });
      const its = { HISTORY_STORE: "redis", HISTORY_REDIS_URL: redis.url };
      expect((await messages(["status"], its)).stdout).toMatch(/^history +0 +- +history 1$/m);
      expect((await messages(["dead-letters", "history"], its)).stdout).toContain(
        `${messageId}  OrderCreated`,
      );
      const { stdout } = await messages(["redrive", "history", "--all", "--wait", "0"], its);
      expect(stdout).toContain("1 wait for their service");
      expect(await store.requestedRedrives("history", 10)).toMatchObject([{ messageId }]);
    } finally {
      await store.close();
      await redis.stop();
    }
  },
);
