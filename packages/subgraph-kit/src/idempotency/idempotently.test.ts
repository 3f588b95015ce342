import type pg from "pg";
import sql from "sql-template-tag";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startTestDatabase, type TestDatabase } from "../database.fixture.ts";
import {
  createIdempotencyStore,
  idempotently,
  type IdempotentChange,
  type SqlTransaction,
} from "./idempotently.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await startTestDatabase();
  pool = database.open();
  await pool.query("CREATE TABLE effects (id serial)");
});

beforeEach(async () => {
  await pool.query("TRUNCATE effects, idempotency_records");
});

afterAll(async () => {
  await database?.stop();
});

const change: IdempotentChange = {
  operation: "refund",
  caller: "anna",
  key: "k",
  input: { amount: 1, note: null },
};

/** Runs work in a transaction, as Prisma's `$transaction` does. */
async function inTransaction<Result>(
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work({
      $queryRaw: async <Rows>(statement: pg.QueryConfig) => (await client.query(statement)).rows as Rows,
      $executeRaw: (statement: pg.QueryConfig) => client.query(statement),
    });
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}

/** Makes the change in a transaction of its own; its effect is a row, and its answer that row's id. */
const make = (changes: Partial<IdempotentChange> = {}, before: () => Promise<void> = async () => {}) =>
  inTransaction((transaction) =>
    idempotently(createIdempotencyStore(transaction), { ...change, ...changes }, async () => {
      await before();
      const [row] = await transaction.$queryRaw<[{ id: number }]>(insertEffect);
      return { __typename: "Made" as const, id: row.id, amount: Number.MAX_SAFE_INTEGER, text: 'ü😀\\"' };
    }),
  );
const insertEffect = sql`INSERT INTO effects DEFAULT VALUES RETURNING id`;

const effects = async () => (await pool.query("SELECT * FROM effects")).rowCount;
const reused = { __typename: "IdempotencyKeyReused", idempotencyKey: "k" };

test("the same input gives the first answer again, and has its effect once", async () => {
  const first = await make();
  expect(first).toMatchObject({ __typename: "Made", amount: Number.MAX_SAFE_INTEGER });
  expect(await make()).toEqual(first);
  expect(await make({ input: { note: null, amount: 1 } })).toEqual(first);
  expect(await effects()).toBe(1);
});

test("another input is refused, and has no effect", async () => {
  await make();
  expect(await make({ input: { amount: 2, note: null } })).toMatchObject(reused);
  expect(await effects()).toBe(1);
});

test.each([{ operation: "void" }, { caller: "bert" }, { key: "l" }])(
  "%j does not meet the first",
  async (other) => {
    const first = await make();
    const second = await make(other);
    expect(await effects()).toBe(2);
    expect(second).not.toEqual(first);
    expect([await make(), await make(other)]).toEqual([first, second]);
  },
);

test("an effect that fails leaves its key free", async () => {
  await expect(make({}, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await effects()).toBe(0);
  expect(await make({ input: { amount: 2 } })).toMatchObject({ __typename: "Made" });
});

test("of many at once, one has its effect and all get its answer", async () => {
  const answers = await Promise.all(Array.from({ length: 15 }, () => make()));
  expect(answers).toEqual(Array(15).fill(answers[0]));
  expect(await effects()).toBe(1);
});

test("of many at once with inputs of their own, one has its effect and the others are refused", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, (_, amount) => make({ input: { amount } })));
  expect(answers.map(({ __typename }) => __typename).toSorted()).toEqual([
    ...Array(9).fill("IdempotencyKeyReused"),
    "Made",
  ]);
  expect(await effects()).toBe(1);
});

/** Starts a change that stops within its effect, and a second one that waits for it. */
async function overlap() {
  const { promise: held, resolve: letGo, reject: fail } = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const first = make({}, () => {
    inside.resolve();
    return held;
  });
  first.catch(() => {});
  await inside.promise;
  const effect = vi.fn<() => Promise<void>>(async () => {});
  const second = make({}, effect);
  await vi.waitUntil(
    async () =>
      (await pool.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount === 1,
    { timeout: 30_000 },
  );
  return { letGo, fail, first, second, effect };
}

test("a second one waits for the first that runs, and gets its answer", async () => {
  const { letGo, first, second, effect } = await overlap();
  letGo();
  expect(await second).toEqual(await first);
  expect(effect).not.toHaveBeenCalled();
  expect(await effects()).toBe(1);
});

test("a second one that waited for one that failed has its effect itself", async () => {
  const { fail, first, second, effect } = await overlap();
  fail(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  expect(await second).toMatchObject({ __typename: "Made" });
  expect(effect).toHaveBeenCalledTimes(1);
  expect(await effects()).toBe(1);
});
