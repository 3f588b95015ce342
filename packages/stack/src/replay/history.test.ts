import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { untilViewIsWhole } from "../whole-view.fixture.ts";

let stack: Stack;
let history: pg.Client;

beforeAll(async () => {
  stack = await startStack({ components: "subgraphs", seedCustomers: 300 });
  history = new pg.Client({ connectionString: stack.databases.history });
  history.on("error", () => {});
  await history.connect();
  await untilViewIsWhole(history);
});
afterAll(async () => {
  await history?.end();
  await stack?.stop();
});

async function replay(...args: string[]) {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const env = { ...process.env, NO_COLOR: "1", HISTORY_DATABASE_URL: stack.databases.history };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, "history", ...args], {
      env,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const LIVE = "(SELECT id FROM generations WHERE status = 'LIVE')";

async function plant(sql: string): Promise<string> {
  const { rows } = await history.query<{ id: string }>(sql);
  expect(rows, sql).toHaveLength(1);
  return rows[0]!.id;
}

/** The live documents, as text. */
async function stored(): Promise<string> {
  const { rows } = await history.query(
    `SELECT (SELECT string_agg(concat_ws(' ', customer_id, customer, version, held, entry_count, order_count, payment_count), ',' ORDER BY customer_id) FROM customer_heads WHERE generation = ${LIVE}) AS heads,
       (SELECT string_agg(concat_ws(' ', id, customer_id, listed_at, parts), ',' ORDER BY id) FROM entries WHERE generation = ${LIVE}) AS entries`,
  );
  return JSON.stringify(rows);
}

test("what differs from a view made anew is found from both sides, left alone by --check, and mended by a replay", async () => {
  const before = await stored();
  const clean = await replay("--check");
  expect(clean).toMatchObject({ code: 0, stderr: "" });
  expect(clean.stdout).toMatch(
    /^[\d,]+ customers and entries are what 300 customers, \d+ orders, \d+ payments,? .*make\.$/m,
  );

  const listed = `SELECT id FROM entries WHERE generation = ${LIVE} AND parts ? 'order' ORDER BY id`;
  const one = (offset: number) => `generation = ${LIVE} AND id = (${listed} OFFSET ${offset} LIMIT 1)`;
  const behind = await plant(
    `UPDATE entries SET parts = jsonb_set(parts, '{order,version}', to_jsonb((parts->'order'->>'version')::int - 1)) WHERE ${one(0)} RETURNING id`,
  );
  const changed = await plant(
    `UPDATE entries SET parts = jsonb_set(parts, '{lines,value,lines,0,quantity}', '77') WHERE ${one(250)} RETURNING id`,
  );
  const lost = await plant(`DELETE FROM entries WHERE ${one(400)} RETURNING id`);
  const extra = await plant(
    `INSERT INTO entries (generation, id, customer_id) SELECT ${LIVE}, gen_random_uuid(), gen_random_uuid() RETURNING id`,
  );
  const head = await plant(
    `UPDATE customer_heads SET held = held || '{"USD": 1}' WHERE generation = ${LIVE} AND customer_id = (SELECT min(customer_id::text)::uuid FROM customer_heads) RETURNING customer_id AS id`,
  );
  const broken = await stored();
  expect(broken).not.toBe(before);

  const checked = await replay("--check");
  expect(checked.stdout).toContain(`Q5 entry ${behind}\n  order has version`);
  expect(checked.stdout).toContain(`Q5 entry ${changed}\n  lines lines is`);
  expect(checked.stdout).toContain(`Q5 entry ${lost}\n  it is not in the view`);
  expect(checked.stdout).toContain(`Q5 entry ${extra}\n  it is in the view alone`);
  expect(checked.stdout).toContain(`Q5 customer ${head}\n  held credit is`);
  expect(checked.stdout).toMatch(/^5 of [\d,]+ customers and entries are not what their events make\.$/m);
  expect(Math.max(...checked.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(checked.code).toBe(1);
  expect(await stored()).toBe(broken);

  const mended = await replay();
  expect(mended.stdout).toMatch(/^The history was made anew from 300 customers, .*, and is live\.$/m);
  expect(mended).toMatchObject({ code: 0, stderr: "" });
  expect(await stored()).toBe(before);
  expect(await replay("--check")).toMatchObject({ code: 0 });
});

test("a store that does not answer is said, without a stack", async () => {
  for (const [name, url] of [
    ["HISTORY_DATABASE_URL", "postgresql://history:s3cret@127.0.0.1:1/history"],
    ["HISTORY_REDIS_URL", "redis://:s3cret@127.0.0.1:1/0"],
  ] as const) {
    const away = await promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL("main.ts", import.meta.url)), "history"],
      { env: { ...process.env, HISTORY_STORE: name.includes("REDIS") ? "redis" : "", [name]: url } },
    ).catch((error: { code: number; stderr: string }) => error);
    expect(away).toMatchObject({ code: 1 });
    expect(away.stderr).toMatch(/ECONNREFUSED|cannot be used/);
    expect(away.stderr).not.toMatch(/s3cret|\n {4}at /);
  }
});
