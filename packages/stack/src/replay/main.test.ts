import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

let stack: Stack;
let order: pg.Client;

beforeAll(async () => {
  stack = await startStack({ components: "databases", seedCustomers: 60 });
  order = new pg.Client({ connectionString: stack.databases.order });
  await order.connect();
});
afterAll(async () => {
  await order?.end();
  await stack?.stop();
});

async function replay(...args: string[]) {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const env = { ...process.env, NO_COLOR: "1", ORDER_DATABASE_URL: stack.databases.order };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

/** The order's row and lines, as text. */
async function stored(): Promise<string> {
  const { rows } = await order.query(
    "SELECT (SELECT string_agg(o::text, ',' ORDER BY id) FROM orders o) AS o, (SELECT string_agg(l::text, ',' ORDER BY order_id, line_number) FROM order_lines l) AS l",
  );
  return JSON.stringify(rows);
}

test("changed rows and lines are found, left alone by --check, and written anew as they were", async () => {
  const before = await stored();
  expect(await replay("order", "--check")).toMatchObject({ code: 0 });
  const [id] = (
    await order.query<{ id: string }>(
      "UPDATE orders SET status = 'CANCELLED', total_minor = total_minor + 1, version = 99 WHERE id = (SELECT max(id::text)::uuid FROM orders WHERE status = 'FULFILLED') RETURNING id",
    )
  ).rows;
  await order.query(
    "UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = (SELECT min(id::text)::uuid FROM orders)",
  );
  await order.query(
    "DELETE FROM order_lines WHERE (order_id, line_number) IN (SELECT order_id, max(line_number) FROM order_lines WHERE order_id = (SELECT id FROM orders ORDER BY id OFFSET 5 LIMIT 1) GROUP BY 1)",
  );
  const broken = await stored();
  expect(broken).not.toBe(before);

  const checked = await replay("order", "--check");
  expect(checked.stdout).toContain(`A4 order ${id!.id}`);
  expect(checked.stdout).toContain("status is CANCELLED, and its events give FULFILLED");
  expect(checked.stdout).toMatch(/^3 of \d+ orders are not what their events make\.$/m);
  expect(Math.max(...checked.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(checked.code).toBe(1);
  expect(await stored()).toBe(broken);

  const mended = await replay("order");
  expect(mended.stdout).toContain("3 were written anew.");
  expect(mended.code).toBe(0);
  expect(await stored()).toBe(before);
});

test("an event that was lost is found, and the row is not made from what is left", async () => {
  const before = await stored();
  const admin = new pg.Client({ connectionString: stack.adminUrl!("order") });
  await admin.connect();
  await admin.query("SET session_replication_role = replica"); // events cannot be deleted otherwise
  const { rows } = await admin.query<{ order_id: string; event: string }>(
    "DELETE FROM order_events e WHERE (order_id, version) = (SELECT order_id, 2 FROM order_events WHERE version = 3 ORDER BY order_id LIMIT 1) RETURNING order_id, to_jsonb(e)::text AS event",
  );
  for (const args of [["order"], ["order", "--check"]]) {
    const { code, stdout } = await replay(...args);
    expect(stdout).toContain(`A4 order ${rows[0]!.order_id}`);
    expect(stdout).toContain("comes where event 2 belongs");
    expect(code).toBe(1);
  }
  expect(await stored()).toBe(before);
  // The tests beside this one come in any order.
  await admin.query(
    "INSERT INTO order_events SELECT * FROM jsonb_populate_record(NULL::order_events, $1::jsonb)",
    [rows[0]!.event],
  );
  await admin.end();
});

test("what is no context and what does not answer is said, without a stack", async () => {
  const wrong = await replay("orders");
  expect(wrong.stderr).toContain("unknown command 'orders'");
  const away = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL("main.ts", import.meta.url)), "order"],
    { env: { ...process.env, ORDER_DATABASE_URL: "postgresql://order:s3cret@127.0.0.1:1/order" } },
  ).catch((error: { code: number; stderr: string }) => error);
  expect(away).toMatchObject({ code: 1 });
  expect(away.stderr).toContain("ECONNREFUSED");
  expect(away.stderr).not.toMatch(/s3cret|\n {4}at /);
});
