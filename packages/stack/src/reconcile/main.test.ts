import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONTEXTS, startStack, type Context, type Stack } from "@tributary/stack";
import getPort from "get-port";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { untilViewIsWhole } from "../whole-view.fixture.ts";

let stack: Stack;
const clients: Partial<Record<Context, pg.Client>> = {};

beforeAll(async () => {
  stack = await startStack({ seedCustomers: 60 });
  for (const context of CONTEXTS) {
    // As superuser without triggers: what is planted here, the databases' own rules would refuse.
    const client = new pg.Client({ connectionString: stack.adminUrl!(context) });
    await client.connect();
    client.on("error", () => {}); // the server may be the first to end it
    await client.query("SET session_replication_role = replica");
    clients[context] = client;
  }
  await untilViewIsWhole(clients.history!);
});
afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.end()));
  await stack?.stop();
});

async function reconcile(args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const all = { ...process.env, NO_COLOR: "1", TRIBUTARY_DATA: stack.paths.dataDir, ...env };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], { env: all });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

async function plant(context: Context, sql: string, values: unknown[] = []) {
  const { rows } = await clients[context]!.query<{ id: string }>(sql, values);
  expect(rows, sql).toHaveLength(1);
  return rows[0]!.id;
}

const orderWith = async (status: string, offset = 0, terms = "PREPAID") =>
  plant(
    "order",
    "SELECT id FROM orders WHERE status::text = $1 AND payment_terms::text = $2 ORDER BY id OFFSET $3 LIMIT 1",
    [status, terms, offset],
  );

test("what was planted into each database is found, with its id and what would mend it", async () => {
  const clean = await reconcile();
  expect(clean.stdout).toContain("The contexts agree.");
  expect(clean.code).toBe(0);

  const expected: [rule: string, subject: string][] = [];
  const find = (rule: string, subject: string) => expected.push([rule, subject]);

  // A release that was skipped.
  const cancelled = await plant(
    "customer",
    "UPDATE credit_reservations SET status = 'HELD' WHERE order_id = (SELECT order_id FROM credit_reservations WHERE status = 'RELEASED' ORDER BY 1 LIMIT 1) RETURNING order_id AS id",
  );
  find("Q3", `order ${cancelled}`);
  // Credit that was never held.
  const unheld = await orderWith("CONFIRMED", 0);
  await plant("customer", "DELETE FROM credit_reservations WHERE order_id = $1 RETURNING order_id AS id", [
    unheld,
  ]);
  find("Q1", `order ${unheld}`);
  // Another amount than the order's.
  const more = await orderWith("CONFIRMED", 1);
  await plant(
    "customer",
    "UPDATE credit_reservations SET amount_minor = amount_minor + 1 WHERE order_id = $1 RETURNING order_id AS id",
    [more],
  );
  find("Q1", `order ${more}`);
  // A capture whose event was lost: the order never heard of it.
  const unheard = await orderWith("FULFILLED", 0);
  await plant("order", "UPDATE orders SET status = 'PENDING' WHERE id = $1 RETURNING id", [unheard]);
  find("Q2", `order ${unheard}`);
  // A row that was changed.
  const changed = await orderWith("FULFILLED", 1);
  await plant("order", "UPDATE orders SET status = 'CANCELLED' WHERE id = $1 RETURNING id", [changed]);
  find("Q3", `order ${changed}`);
  // A saga that nobody moves: the watch of the deadlines passes by while its row is locked.
  const stuck = await orderWith("CREDIT_RESERVED", 0);
  const holder = new pg.Client({ connectionString: stack.databases.order });
  holder.on("error", () => {});
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM orders WHERE id = $1 FOR UPDATE", [stuck]);
  await clients.order!.query(
    "INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at) VALUES ($1, 'AUTHORISE_PAYMENT', $2, 2, now() - interval '1 hour', now(), now())",
    [stuck, randomUUID()],
  );
  find("Q4", `order ${stuck}`);
  // Money that was captured twice.
  const twice = await plant(
    "payment",
    "SELECT id FROM payments WHERE status = 'CAPTURED' ORDER BY id LIMIT 1",
  );
  await clients.payment!.query(
    "INSERT INTO ledger_entries (payment_id, sequence, type, amount_minor, occurred_at) SELECT payment_id, max(sequence) + 1, 'CAPTURE', max(amount_minor) FILTER (WHERE type = 'CAPTURE'), now() FROM ledger_entries WHERE payment_id = $1 GROUP BY 1",
    [twice],
  );
  find("A3", `payment ${twice}`);
  // References that lead nowhere.
  const astray = await plant(
    "payment",
    "UPDATE payments SET order_id = gen_random_uuid() WHERE id = (SELECT id FROM payments WHERE order_id IS NULL ORDER BY id LIMIT 1) RETURNING id",
  );
  find("Q2", `payment ${astray}`);
  const nowhere = randomUUID();
  await clients.customer!.query(
    "INSERT INTO credit_reservations (order_id, customer_id, amount_minor, currency) SELECT $1, id, 1, currency FROM customers LIMIT 1",
    [nowhere],
  );
  find("Q1", `order ${nowhere}`);

  // A history that is one version behind, one that lacks an order, and a customer's whose limit is another one.
  const behind = await orderWith("FULFILLED", 2);
  await plant(
    "history",
    "UPDATE entries SET parts = jsonb_set(parts, '{order,version}', to_jsonb((parts->'order'->>'version')::int - 1)) WHERE id = $1 RETURNING id",
    [behind],
  );
  find("Q5", `order ${behind}`);
  const lacking = await orderWith("FULFILLED", 3);
  await plant("history", "DELETE FROM entries WHERE id = $1 RETURNING id", [lacking]);
  find("Q5", `order ${lacking}`);
  const limited = await plant(
    "history",
    "UPDATE customer_heads SET customer = jsonb_set(customer, '{creditLimitMinor}', '1') WHERE customer_id = (SELECT min(customer_id::text)::uuid FROM customer_heads) RETURNING customer_id AS id",
  );
  find("Q5", `customer ${limited}`);

  const { code, stdout, stderr } = await reconcile();
  expect(stderr).toBe("");
  await holder.query("ROLLBACK");
  await holder.end();
  const lines = stdout.split("\n");
  for (const [rule, subject] of expected) expect(lines).toContain(`${rule} ${subject}`);
  expect(lines.filter((line) => line.startsWith("   mend: ")).length).toBeGreaterThanOrEqual(expected.length);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  // And nothing else; but what was planted into the others is not what their customers' histories have heard.
  const subjects = new Set(expected.map(([, subject]) => subject));
  const others = lines.filter((line) => /^[AQ]\d /.test(line) && !subjects.has(line.slice(3)));
  expect(others.filter((line) => !line.startsWith("Q5 customer"))).toEqual([]);
  expect(code).toBe(1);

  const few = await reconcile(["--limit", "2"]);
  expect(few.stdout.split("\n").filter((line) => /^[AQ]\d /.test(line))).toHaveLength(2);
  expect(few.stdout).toContain("Stopped");
  expect(few.code).toBe(1);
});

test.for([
  [["--url", "nowhere"], {}, "is no URL"],
  [["--url", "http://127.0.0.1:1"], {}, "RECONCILE_TOKEN must hold"],
  [["--url", "NOBODY"], { RECONCILE_TOKEN: "x" }, "ECONNREFUSED"],
  [[], { RECONCILE_TOKEN: "x" }, "the token is not an administrator's"],
  [["--limit", "0"], {}, "whole number"],
  [["--data", "no-such-folder"], {}, "the stack is not running"],
] as const)("%j with %j says what is wrong", async ([args, env, text]) => {
  const nobody = `http://127.0.0.1:${await getPort()}`;
  const { code, stderr } = await reconcile(
    args.map((arg) => (arg === "NOBODY" ? nobody : arg)),
    env,
  );
  expect(stderr).toContain(text);
  expect(stderr).not.toContain("    at ");
  expect(code).toBe(1);
});

test("a token of somebody who may not see credit is refused, and what is hidden is not taken for missing", async () => {
  const { code, stderr } = await reconcile([], { RECONCILE_TOKEN: await stack.token("support") });
  expect(stderr).toContain("the token is not an administrator's");
  expect(code).toBe(1);
});
