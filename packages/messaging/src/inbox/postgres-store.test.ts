import type pg from "pg";
import sql from "sql-template-tag";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DEFAULT_RETRY } from "../backoff.ts";
import type { Delivery } from "../broker/broker.ts";
import { systemClock } from "../clock.ts";
import { message, startTestServer, until, type TestServer } from "../messaging.fixture.ts";
import type { SqlTransaction } from "../postgres/transaction.ts";
import { createConsumer } from "./consumer.ts";
import { createPostgresConsumerStore } from "./postgres-store.ts";
import type { MessageHandlers } from "./store.ts";

// What consumers do over PostgreSQL, without a broker.

let postgres: TestServer;
let databaseUrl: string;
let pool: pg.Pool;
let settled: string[];

beforeAll(async () => {
  postgres = await startTestServer();
});
afterAll(() => postgres?.stop());
beforeEach(async () => {
  databaseUrl = await postgres.contextDatabase();
  pool = postgres.pool(databaseUrl);
  await pool.query("CREATE TABLE seen (seq serial, id text, version int)");
  settled = [];
});

const see: MessageHandlers<SqlTransaction>[string] = async (
  transaction,
  { aggregateId, aggregateVersion },
) => {
  await transaction.query(
    sql`INSERT INTO seen (id, version) VALUES (${aggregateId}, ${aggregateVersion}) RETURNING 1`,
  );
};
const seen = async () =>
  (await pool.query<{ id: string; version: number }>("SELECT id, version FROM seen ORDER BY seq")).rows;

const settlement = {
  async ack(batch: readonly Delivery[]) {
    settled.push(...batch.map(({ id }) => id));
  },
  async nack() {},
  async extend() {},
};
function deliver(key: string, version: number): Delivery {
  const body = message(key, { version });
  return { id: body.id, channel: "counter.events", body, deliveries: 1 };
}

test("two workers that get the same messages at the same moment have one effect of each", async () => {
  const store = createPostgresConsumerStore(pool);
  const deliveries = Array.from({ length: 200 }, (_, index) => deliver(`k${index % 20}`, index));
  const workers = [1, 2, 3].map(() =>
    createConsumer({ consumer: "counting", handlers: { Counted: see }, store, clock: systemClock }),
  );
  for (let from = 0; from < 200; from += 20) {
    // Each takes them in another order.
    const batch = deliveries.slice(from, from + 20);
    await Promise.all(
      workers.map((worker, index) => worker.handle(index === 1 ? batch.toReversed() : batch, settlement)),
    );
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  expect((await seen()).map(({ version }) => version).sort((one, other) => one - other)).toEqual(
    Array.from({ length: 200 }, (_, index) => index),
  );
  expect(settled).toHaveLength(600);
});

test("a table that something else holds, such as an import, is waited for and costs no attempts", async () => {
  const impatient = postgres.pool(`${databaseUrl}?options=${encodeURIComponent("-c lock_timeout=20ms")}`);
  const holder = await pool.connect();
  await holder.query("BEGIN");
  await holder.query("LOCK TABLE seen");
  let attempts = 0;
  const consumer = createConsumer<SqlTransaction>({
    consumer: "counting",
    handlers: {
      async Counted(transaction, envelope) {
        attempts += 1;
        await see(transaction, envelope);
      },
    },
    store: createPostgresConsumerStore(impatient),
    clock: systemClock,
  });
  const handling = consumer.handle([deliver("a", 1), deliver("a", 2)], settlement);
  // More than a message has.
  await until(() => attempts > DEFAULT_RETRY.attempts + 1);
  await holder.query("ROLLBACK");
  holder.release();
  await handling;
  await until(() => settled.length === 2);
  await consumer.stop();
  expect((await seen()).map(({ version }) => version)).toEqual([1, 2]);
  expect((await pool.query("SELECT 1 FROM dead_letters")).rowCount).toBe(0);
});
