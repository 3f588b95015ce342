import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi, type AskApi } from "./api.ts";

type Context = "customer" | "order" | "payment";
const CONTEXTS = ["customer", "order", "payment"] as const;
let stack: Stack;
let ask: AskApi;
const clients: Partial<Record<Context, pg.Client>> = {};

beforeAll(async () => {
  // Enough customers for several orders in each state: the tests come in any order, and each takes orders of its own.
  stack = await startStack({ seedCustomers: 300, env: { SIMULATED_PROVIDER_DECLINE: "0" } });
  ask = createApi({ url: stack.gatewayUrl, token: await stack.token("admin") });
  for (const context of CONTEXTS) {
    // As superuser without triggers: what is planted here, the databases' own rules would refuse.
    const client = new pg.Client({ connectionString: stack.adminUrl!(context) });
    await client.connect();
    client.on("error", () => {}); // the server may be the first to end it
    await client.query("SET session_replication_role = replica");
    clients[context] = client;
  }
});
afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.end()));
  await stack?.stop();
});

async function repair() {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const env = { ...process.env, NO_COLOR: "1", TRIBUTARY_DATA: stack.paths.dataDir };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, "--repair"], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

async function one<Row extends object = { id: string }>(
  context: Context,
  sql: string,
  values: unknown[] = [],
) {
  const { rows } = await clients[context]!.query<Row>(sql, values);
  expect(rows, sql).toHaveLength(1);
  return rows[0]!;
}

const reservationOf = (orderId: string) =>
  one<{ status: string; version: number }>(
    "customer",
    "SELECT status::text, version FROM credit_reservations WHERE order_id = $1",
    [orderId],
  );

/** Holds credit again that was released when an order was called off. */
const skipRelease = (offset: number) =>
  one<{ id: string; customer: string; amount: string; currency: string; version: number }>(
    "customer",
    `UPDATE credit_reservations SET status = 'HELD' WHERE order_id = (
       SELECT order_id FROM credit_reservations WHERE status = 'RELEASED' ORDER BY 1 OFFSET $1 LIMIT 1)
     RETURNING order_id AS id, customer_id AS customer, amount_minor AS amount, currency, version`,
    [offset],
  );

async function bury(context: Context, envelope: object) {
  const id = randomUUID();
  await clients[context]!.query(
    "INSERT INTO dead_letters (consumer, message_id, channel, envelope, error, attempts) VALUES ($1, $2, $3, $4, 'boom', 9)",
    [context, id, `${context}.commands`, JSON.stringify({ ...envelope, id })],
  );
  return id;
}

const resume = async (orderId: string, idempotencyKey: string) =>
  (
    await ask<{ result: { __typename: string } }>(
      "mutation ($input: ResumeOrderInput!) { result: resumeOrder(input: $input) { __typename ... on OrderChanged { order { id status version } } } }",
      { input: { orderId, idempotencyKey } },
    )
  ).result;

test("credit that an order still holds which was called off is released, once", async () => {
  const { id, version } = await skipRelease(0);
  const { code, stdout, stderr } = await repair();
  expect(stdout).toContain(`mended order ${id}\n   its credit is released; it is `);
  expect(stdout).toMatch(/The contexts agree\.\n$/);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(await reservationOf(id)).toEqual({ status: "RELEASED", version: version + 1 });

  // Asked again, under the same key and under another one: nothing happens twice.
  const first = await resume(id, "once");
  expect(first.__typename).toBe("OrderChanged");
  expect(await resume(id, "once")).toEqual(first);
  expect(await resume(id, "twice")).toEqual(first);
  const again = await repair();
  expect(again.stdout).not.toContain("mended");
  expect(again.code).toBe(0);
  expect(await reservationOf(id)).toEqual({ status: "RELEASED", version: version + 1 });
});

test("an order that stands still goes on", async () => {
  const { id } = await one(
    "order",
    "SELECT id FROM orders WHERE status = 'CREDIT_RESERVED' AND payment_terms = 'PREPAID' ORDER BY id DESC LIMIT 1",
  );
  // The watch of the deadlines passes by while the row is locked; the repair waits for it.
  const holder = new pg.Client({ connectionString: stack.databases.order });
  holder.on("error", () => {});
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM orders WHERE id = $1 FOR UPDATE", [id]);
  await clients.order!.query(
    "INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at) VALUES ($1, 'AUTHORISE_PAYMENT', $2, 2, now() - interval '1 hour', now(), now())",
    [id, randomUUID()],
  );
  const repairing = repair();
  for (;;) {
    const { rows } = await clients.order!.query("SELECT FROM pg_locks WHERE NOT granted");
    if (rows.length > 0) break;
    await sleep(20);
  }
  await holder.query("ROLLBACK");
  await holder.end();
  const { code, stdout } = await repairing;
  expect(stdout).toContain(`mended order ${id}\n   asked again for AUTHORISE_PAYMENT; it is CONFIRMED\n`);
  expect(stdout).toMatch(/The contexts agree\.\n$/);
  expect(code).toBe(0);
  expect(
    await one<{ status: string }>("payment", "SELECT status::text FROM payments WHERE order_id = $1", [id]),
  ).toEqual({
    status: "CAPTURED",
  });
});

test("a message that could not be handled is handled; one that fails again is left, and told of", async () => {
  const { id: orderId, customer: customerId, amount, currency, version } = await skipRelease(1);
  const envelope = {
    type: "ReleaseCredit",
    schemaVersion: 1,
    aggregateType: "order",
    aggregateId: orderId,
    aggregateVersion: 1,
    occurredAt: new Date().toISOString(),
    correlationId: orderId,
    causationId: null,
    traceparent: null,
    data: { orderId, customerId, amountMinor: Number(amount), currency },
  };
  const sound = await bury("customer", envelope);
  const poison = await bury("payment", { no: "message" });
  const { code, stdout } = await repair();
  expect(stdout).toContain(`mended message ${sound}\n   the customer context has handled ReleaseCredit\n`);
  expect(stdout).toContain(`left   message ${poison}\n   payment, what is no message: failed again: `);
  expect(stdout).toContain(`Q4 message ${poison}\n`);
  expect(code).toBe(1);
  expect(await reservationOf(orderId)).toEqual({ status: "RELEASED", version: version + 1 });
  await clients.payment!.query("DELETE FROM dead_letters");
  expect((await repair()).code).toBe(0);
});

test("what somebody has to decide is never touched, and says why", async () => {
  // Money that was captured twice, and a ledger that lacks its capture.
  const payments = await clients.payment!.query<{ id: string }>(
    "SELECT id FROM payments WHERE status = 'CAPTURED' ORDER BY id LIMIT 2",
  );
  const [twice, short] = payments.rows.map(({ id }) => id);
  await clients.payment!.query(
    "INSERT INTO ledger_entries (payment_id, sequence, type, amount_minor, occurred_at) SELECT payment_id, max(sequence) + 1, 'CAPTURE', max(amount_minor) FILTER (WHERE type = 'CAPTURE'), now() FROM ledger_entries WHERE payment_id = $1 GROUP BY 1",
    [twice],
  );
  await clients.payment!.query("DELETE FROM ledger_entries WHERE payment_id = $1 AND type = 'CAPTURE'", [
    short,
  ]);
  // A row that says CANCELLED where the events do not: its credit looks as if it were to be released.
  const { id: changed } = await one(
    "order",
    "UPDATE orders SET status = 'CANCELLED' WHERE id = (SELECT id FROM orders WHERE status = 'CREDIT_RESERVED' ORDER BY id LIMIT 1) RETURNING id",
  );
  // The same where money was captured.
  const { id: paid } = await one(
    "order",
    "UPDATE orders SET status = 'CANCELLED' WHERE id = (SELECT id FROM orders WHERE status = 'CONFIRMED' AND payment_terms = 'PREPAID' ORDER BY id LIMIT 1) RETURNING id",
  );
  // A step that is none of the order's state.
  const { id: astray } = await one(
    "order",
    "SELECT id FROM orders WHERE status = 'FULFILLED' ORDER BY id LIMIT 1",
  );
  await clients.order!.query(
    "INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at) VALUES ($1, 'RESERVE_CREDIT', $2, 5, now() - interval '1 hour', now(), now())",
    [astray, randomUUID()],
  );
  const tables = {
    customer: ["credit_reservations"],
    order: ["orders", "order_events", "order_sagas"],
    payment: ["payments", "ledger_entries", "provider_calls"],
  };
  const everything = async () => {
    const sums: object[] = [];
    for (const context of CONTEXTS)
      for (const table of tables[context])
        sums.push(
          await one(
            context,
            `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS sum FROM ${table} AS t`,
          ),
        );
    return sums;
  };
  const before = await everything();
  const { code, stdout } = await repair();
  expect(await everything()).toEqual(before);
  expect(stdout).not.toContain("mended");
  for (const id of [twice, short])
    expect(stdout).toMatch(
      new RegExp(
        `A3 payment ${id}\\n.*\\n   not touched: a ledger is corrected against the provider's books alone\\n`,
      ),
    );
  expect(stdout).toContain(`left   order ${changed}\n   not touched: its row says CANCELLED, its last event`);
  expect(stdout).toMatch(
    new RegExp(`left   order ${paid}\\n   not touched, as it is CANCELLED, and payment`),
  );
  expect(stdout).toContain(`left   order ${astray}\n   The order is FULFILLED, which does not allow this.\n`);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(code).toBe(1);

  await clients.order!.query("DELETE FROM order_sagas WHERE order_id = $1", [astray]);
  await clients.order!.query("UPDATE orders SET status = 'CREDIT_RESERVED' WHERE id = $1", [changed]);
  await clients.order!.query("UPDATE orders SET status = 'CONFIRMED' WHERE id = $1", [paid]);
  await clients.payment!.query(
    "DELETE FROM ledger_entries WHERE payment_id = $1 AND sequence = (SELECT max(sequence) FROM ledger_entries WHERE payment_id = $1)",
    [twice],
  );
  await clients.payment!.query(
    "INSERT INTO ledger_entries (payment_id, sequence, type, amount_minor, occurred_at) SELECT id, 2, 'CAPTURE', captured_minor, now() FROM payments WHERE id = $1",
    [short],
  );
  expect((await repair()).code).toBe(0);
});

test.for(["customer", "support", "finance"] as const)("%s may repair nothing", async (person) => {
  const answers = await Promise.all(
    [
      'mutation { resumeOrder(input: { orderId: "o", idempotencyKey: "k" }) { __typename } }',
      ...["customer", "order", "payment"].flatMap((context) => [
        `{ ${context}DeadLetters { id } }`,
        `mutation { redrive${context[0]!.toUpperCase()}${context.slice(1)}Messages(input: { messageIds: [], idempotencyKey: "k" }) { __typename } }`,
      ]),
    ].map(async (query) => {
      const response = await fetch(`${stack.gatewayUrl}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await stack.token(person)}` },
        body: JSON.stringify({ query }),
      });
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      return errors?.[0]?.extensions.code;
    }),
  );
  expect(new Set(answers)).toEqual(new Set(["UNAUTHORIZED_FIELD_OR_TYPE"]));
});

test("bad input is told whole", async () => {
  const { result } = await ask<{ result: object }>(
    'mutation { result: redriveOrderMessages(input: { messageIds: ["x"], idempotencyKey: "" }) { ... on InvalidInput { faults { path } } } }',
  );
  expect(result).toEqual({ faults: [{ path: "messageIds[0]" }, { path: "idempotencyKey" }] });
});
