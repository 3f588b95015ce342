import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { OutgoingMessage } from "../../broker/broker.ts";
import { message, startTestServer, until, type TestServer } from "../../messaging.fixture.ts";
import { startMessaging, type Messaging } from "../../worker/start-messaging.ts";
import { inTransaction } from "../../postgres/transaction.ts";
import { writeMessages } from "../outbox.ts";
import { formatLsn, parseLsn } from "./lsn.ts";
import { slotName } from "./slot.ts";

let postgres: TestServer;
let databaseUrl: string;
/** A superuser's, as replication needs more than the context's own role has. */
let walUrl: string;
let slot: string;
let pool: pg.Pool;
let admin: pg.Pool;
let published: OutgoingMessage[];
let brokerAway: boolean;
let messaging: Messaging | undefined;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const broker = {
  async publish(messages: readonly OutgoingMessage[]) {
    if (brokerAway) throw new Error("away");
    published.push(...messages);
  },
  subscribe: () => Promise.reject(new Error("nobody does")),
  lag: async () => [],
  async close() {},
};

beforeAll(async () => {
  postgres = await startTestServer({
    max_slot_wal_keep_size: "32MB",
    wal_keep_size: "0",
    max_wal_size: "64MB",
  });
});
afterAll(() => postgres?.stop());
beforeEach(async () => {
  databaseUrl = await postgres.contextDatabase();
  const database = new URL(databaseUrl).pathname.slice(1);
  walUrl = postgres.server.adminUrl(database);
  slot = slotName(database);
  pool = postgres.pool(databaseUrl);
  admin = postgres.pool(walUrl, 2);
  published = [];
  brokerAway = false;
});
afterEach(async () => {
  await stop();
  await admin.query("SELECT pg_drop_replication_slot($1) FROM pg_replication_slots WHERE slot_name = $1", [
    slot,
  ]);
});

async function start(): Promise<void> {
  messaging = await startMessaging({
    context: "counter",
    pool,
    databaseUrl,
    walUrl,
    broker,
    consumers: [],
    logger: silent,
  });
}
/** Stops it, and waits until the server has noticed. */
async function stop(): Promise<void> {
  await messaging?.stop();
  messaging = undefined;
  await until(async () => (await slotState())?.active !== true);
}
const send = (id: string, ...versions: number[]) =>
  inTransaction(pool, (transaction) =>
    writeMessages(
      transaction,
      versions.map((version) => ({ channel: "counter.events", envelope: message(id, { version }) })),
    ),
  );
/** By when each was first published: repetitions may come after a restart, and do no harm. */
const versionsOf = (id: string) => [...new Set(allVersionsOf(id))];
const allVersionsOf = (id: string) =>
  published
    .filter(({ envelope }) => envelope.aggregateId === id)
    .map(({ envelope }) => envelope.aggregateVersion);
const slotState = async () =>
  (
    await admin.query<{ active: boolean; confirmed: string | null }>(
      "SELECT active, confirmed_flush_lsn AS confirmed FROM pg_replication_slots WHERE slot_name = $1",
      [slot],
    )
  ).rows[0];
const streaming = () => until(async () => (await slotState())?.active === true);

test("what was written before the slot was there, and after it, is published in order and marked", async () => {
  await send("a", 1, 2);
  await send("a", 3);
  await start();
  await streaming();
  for (let version = 4; version <= 50; version++) await send("a", version);
  await until(() => versionsOf("a").length >= 50);
  expect(versionsOf("a")).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  await until(
    async () => (await pool.query("SELECT 1 FROM outbox_messages WHERE published_at IS NULL")).rowCount === 0,
  );
});

test("each message is told by the log: had the outbox to be looked at, this would take minutes", async () => {
  await start();
  await streaming();
  for (let version = 1; version <= 20; version++) {
    await send("a", version);
    await until(() => versionsOf("a").length === version);
  }
  expect(versionsOf("a")).toHaveLength(20);
});

test("rolled back messages are not published", async () => {
  await start();
  await streaming();
  const client = await pool.connect();
  await client.query("BEGIN");
  await client.query(
    "INSERT INTO outbox_messages (id, channel, shard, envelope) VALUES ($1, 'counter.events', 3, $2)",
    [message("x").id, JSON.stringify(message("never"))],
  );
  await client.query("ROLLBACK");
  client.release();
  await send("a", 1);
  await until(() => published.length > 0);
  expect(published.map(({ envelope }) => envelope.aggregateId)).toEqual(["a"]);
});

test("what is written while no relay runs, or while the broker is away, is published afterwards", async () => {
  await start();
  await streaming();
  await send("a", 1);
  await until(() => published.length === 1);
  await stop();
  await send("a", 2);
  brokerAway = true;
  await start();
  await streaming();
  await send("a", 3);
  await new Promise((done) => setTimeout(done, 1_500));
  expect(versionsOf("a")).toEqual([1]);
  brokerAway = false;
  await until(() => versionsOf("a").length >= 3);
  expect(versionsOf("a")).toEqual([1, 2, 3]);
});

test("a slot that is gone, as after a failover, is made again, and nothing is lost", async () => {
  await start();
  await streaming();
  await send("a", 1);
  await until(() => published.length === 1);
  await stop();
  await admin.query("SELECT pg_drop_replication_slot($1)", [slot]);
  await send("a", 2);
  await start();
  await streaming();
  await send("a", 3);
  await until(() => versionsOf("a").length >= 3);
  expect(versionsOf("a")).toEqual([1, 2, 3]);
});

test("a connection that breaks, and a slot that is dropped right then, cost nothing", async () => {
  await start();
  await streaming();
  for (let version = 1; version <= 40; version++) {
    await send("a", version);
    if (version % 10 === 0) {
      await admin.query(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active",
        [slot],
      );
      if (version === 20) await admin.query("SELECT pg_drop_replication_slot($1)", [slot]).catch(() => {}); // it may be in use again
    }
  }
  await until(() => versionsOf("a").length === 40);
  expect(versionsOf("a")).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
});

test("a slot that the server gave up, as it held back too much of the log, is made again", async () => {
  await start();
  await streaming();
  await send("a", 1);
  await until(() => published.length === 1);
  await stop();
  await send("a", 2);
  const lost = async () =>
    (
      await admin.query("SELECT 1 FROM pg_replication_slots WHERE slot_name = $1 AND wal_status = 'lost'", [
        slot,
      ])
    ).rowCount === 1;
  await until(async () => {
    await admin.query("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000)), pg_switch_wal()");
    await admin.query("CHECKPOINT");
    return lost();
  });
  await start();
  await streaming();
  await send("a", 3);
  await until(() => versionsOf("a").length >= 3);
  expect(versionsOf("a")).toEqual([1, 2, 3]);
});

test("an idle slot does not hold back the log that other databases write", async () => {
  await start();
  await streaming();
  await send("a", 1);
  await until(() => published.length === 1);
  const other = postgres.pool(await postgres.contextDatabase());
  await other.query("CREATE TABLE filler AS SELECT repeat('x', 1000) AS text FROM generate_series(1, 2000)");
  const { rows } = await admin.query<{ now: string }>("SELECT pg_current_wal_lsn() AS now");
  await until(
    async () => parseLsn((await slotState())?.confirmed ?? "0/0") >= parseLsn(rows[0]!.now) - 100n,
    60_000,
  );
  expect((await slotState())?.active).toBe(true);
});

test("of two processes one has the slot, and the other takes over", async () => {
  await start();
  const first = messaging!;
  await streaming();
  await start();
  await send("a", 1);
  await until(() => published.length === 1);
  await first.stop();
  await send("a", 2);
  await until(() => versionsOf("a").length === 2);
  expect(versionsOf("a")).toEqual([1, 2]);
});

test("positions of the log are read and written", () => {
  expect(parseLsn("16/B374D848")).toBe(0x16b374d848n);
  expect(formatLsn(0x16b374d848n)).toBe("16/B374D848");
  expect(formatLsn(0n)).toBe("0/0");
});
