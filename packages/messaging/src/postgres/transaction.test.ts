import pg from "pg";
import sql from "sql-template-tag";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../messaging.fixture.ts";
import { inTransaction } from "./transaction.ts";

let server: TestServer;
let pool: pg.Pool;
/** What the pool's connections are given to send, and in how many goes. */
let sent: number;

beforeAll(async () => {
  server = await startTestServer();
  pool = server.pool(await server.brokerDatabase(), 1);
  pool.on("connect", (client) => {
    const send = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      sent += 1;
      return send(...args);
    }) as typeof client.query;
  });
  await pool.query("CREATE TABLE things (id int PRIMARY KEY CHECK (id < 100), at timestamptz)");
});
beforeEach(async () => {
  await pool.query("TRUNCATE things");
  sent = 0;
});
afterAll(() => server?.stop());

const insert = (id: number) => sql`INSERT INTO things (id, at) VALUES (${id}, ${new Date(0)})`;
const ids = async () =>
  (await pool.query<{ id: number }>("SELECT id FROM things ORDER BY id")).rows.map(({ id }) => id);

test("statements whose rows nobody needs go out with the next one, in their order", async () => {
  const seen = await inTransaction(pool, async (transaction) => {
    await transaction.defer(insert(1));
    await transaction.defer(sql`UPDATE things SET id = id + 1`);
    const rows = await transaction.query(sql`SELECT id, at, ${["a", "b"]}::text[] AS list FROM things`);
    await transaction.defer(insert(5));
    return rows;
  });
  expect(seen).toEqual([{ id: 2, at: new Date(0), list: ["a", "b"] }]);
  expect(sent).toBe(2); // what came before the answer, and the rest with COMMIT
  expect(await ids()).toEqual([2, 5]);
});

test("two statements go out together, and the second one sees what the first one waited for", async () => {
  const others = server.pool(await server.brokerDatabase(), 2);
  await others.query("CREATE TABLE counters (id int PRIMARY KEY, count int)");
  await others.query("INSERT INTO counters VALUES (1, 0)");
  const [holder, waiter] = [await others.connect(), await others.connect()];
  waiter.release();
  await holder.query("BEGIN; UPDATE counters SET count = 7");
  const reading = inTransaction(others, (transaction) =>
    transaction.queryBoth(
      sql`SELECT id FROM counters WHERE id = ${1} FOR UPDATE`,
      sql`SELECT count FROM counters WHERE id = ${1}`,
    ),
  );
  const isWaiting = async () => (await pool.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount !== 0;
  while (!(await isWaiting())) await new Promise((resolve) => setTimeout(resolve, 10));
  await holder.query("COMMIT");
  expect(await reading).toEqual([[{ id: 1 }], [{ count: 7 }]]);
  holder.release();
});

test("a deferred statement that fails fails the commit, and nothing of the transaction stays", async () => {
  const failing = inTransaction(pool, async (transaction) => {
    await transaction.query(insert(1));
    await transaction.defer(insert(100));
    await transaction.defer(insert(2));
  });
  await expect(failing).rejects.toMatchObject({ code: "23514" });
  expect(await ids()).toEqual([]);
  // The connection is as good as before, and so is a statement that failed while it was prepared with others.
  await inTransaction(pool, (transaction) => transaction.defer(insert(3)));
  expect(await ids()).toEqual([3]);
});

test("a value that cannot be sent keeps what stands behind it from being sent, a COMMIT too", async () => {
  const circular: unknown[] = [];
  circular.push({ circular });
  const failing = inTransaction(pool, async (transaction) => {
    await transaction.query(insert(1));
    await transaction.defer(sql`SELECT ${circular[0]}::text`);
  });
  await expect(failing).rejects.toThrow(/circular/i);
  expect(await ids()).toEqual([]);
});

test("a statement that does not exist on the server leaves no name that cannot be used again", async () => {
  const select = sql`SELECT count(*)::int AS count FROM later`;
  const ask = () => inTransaction(pool, (transaction) => transaction.query(select));
  await expect(ask()).rejects.toMatchObject({ code: "42P01" });
  await pool.query("CREATE TABLE later (id int)");
  expect([await ask(), await ask()]).toEqual([[{ count: 0 }], [{ count: 0 }]]);
});

test("an effect that goes on after a failure commits nothing, and is told", async () => {
  const failing = inTransaction(pool, async (transaction) => {
    await transaction.query(insert(1));
    await transaction.query(insert(100)).catch(() => {});
  });
  await expect(failing).rejects.toThrow("rolled back");
  expect(await ids()).toEqual([]);
});

test("each statement of a group sees what others have committed while the one before it waited", async () => {
  await pool.query("INSERT INTO things (id) VALUES (1)");
  const other = new pg.Client({ connectionString: pool.options.connectionString });
  await other.connect();
  await other.query("BEGIN; UPDATE things SET id = 2");
  const reading = inTransaction(pool, async (transaction) => {
    await transaction.defer(sql`SELECT FROM things FOR UPDATE`);
    return transaction.query(sql`SELECT id FROM things`);
  });
  await expect
    .poll(async () => (await other.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount)
    .toBeGreaterThan(0);
  await other.query("COMMIT");
  expect(await reading).toEqual([{ id: 2 }]);
  await other.end();
});

test("a connection that is lost rejects what was sent together, as a database that is away", async () => {
  const waiting = inTransaction(pool, async (transaction) => {
    await transaction.defer(insert(1));
    await transaction.query(sql`SELECT pg_terminate_backend(pg_backend_pid())`);
  });
  await expect(waiting).rejects.toMatchObject({ name: "StoreUnavailableError" });
  expect(await ids()).toEqual([]);
});
