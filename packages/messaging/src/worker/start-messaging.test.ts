import type pg from "pg";
import { Registry } from "prom-client";
import sql from "sql-template-tag";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Broker } from "../broker/broker.ts";
import { hasNatsServer, startNatsServer, type TestNatsServer } from "../broker/nats/nats-server.fixture.ts";
import { openBroker } from "../broker/open-broker.ts";
import { PermanentError, type MessageHandlers } from "../inbox/store.ts";
import { message, startTestServer, until, type TestServer } from "../messaging.fixture.ts";
import { writeMessages } from "../outbox/outbox.ts";
import { inTransaction, type SqlTransaction } from "../postgres/transaction.ts";
import { startMessaging, type Messaging } from "./start-messaging.ts";

let postgres: TestServer;
let databaseUrl: string;
let pool: pg.Pool;
let broker: Broker;
let brokerUrl: string;
let nats: TestNatsServer | undefined;
let running: Messaging[];
const errors: unknown[] = [];
const subscriptions = { "counter.events": ["counting"] };
const logger = {
  debug() {},
  info() {},
  warn: (fields: object) => void errors.push(fields),
  error: (fields: object) => void errors.push(fields),
};

beforeAll(async () => {
  // Statistics are then as this has them looked at.
  postgres = await startTestServer({ autovacuum: "off" });
});
afterAll(() => postgres?.stop());

beforeEach(async () => {
  databaseUrl = await postgres.contextDatabase();
  pool = postgres.pool(databaseUrl);
  await pool.query("CREATE TABLE seen (seq serial, id text, version int)");
  running = [];
  errors.length = 0;
});
afterEach(async () => {
  await Promise.all(running.map((messaging) => messaging.stop()));
  await broker.close();
  await nats?.stop();
  nats = undefined;
});

const BROKERS = {
  PostgreSQL: () => postgres.brokerDatabase(),
  async "NATS JetStream"() {
    nats = await startNatsServer();
    return nats.url;
  },
};

async function start(handlers: MessageHandlers<SqlTransaction>, metrics?: Registry): Promise<Messaging> {
  const messaging = await startMessaging({
    context: "counter",
    pool,
    databaseUrl,
    broker,
    logger,
    ...(metrics && { metrics }),
    consumers: [{ consumer: "counting", channels: ["counter.events"], handlers }],
  });
  running.push(messaging);
  return messaging;
}

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
const send = (...ids: [string, number][]) =>
  inTransaction(pool, (transaction) =>
    writeMessages(
      transaction,
      ids.map(([id, version]) => ({ channel: "counter.events", envelope: message(id, { version }) })),
    ),
  );

/** NATS where there is a server of it. */
const KINDS = (Object.keys(BROKERS) as (keyof typeof BROKERS)[]).filter(
  (kind) => kind === "PostgreSQL" || hasNatsServer,
);

describe.for(KINDS)("over %s", (kind) => {
  beforeEach(async () => {
    brokerUrl = await BROKERS[kind]();
    broker = openBroker(brokerUrl, { subscriptions, onError: (error) => errors.push(error) });
  });

  test("what is committed is handled, in order for each aggregate, and its rows are marked", async () => {
    const messaging = await start({ Counted: see });
    const aggregates = ["a", "b", "c"];
    for (let version = 1; version <= 30; version++) {
      await send(...aggregates.map((id): [string, number] => [id, version]));
      messaging.notify();
    }
    await until(async () => (await seen()).length === 90);
    for (const id of aggregates) {
      const versions = (await seen()).filter((row) => row.id === id).map(({ version }) => version);
      expect(versions).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    }
    await until(
      async () =>
        (await pool.query("SELECT 1 FROM outbox_messages WHERE published_at IS NULL")).rowCount === 0,
    );
    expect(errors).toEqual([]);
  });

  test("the database knows how long its queues are while they are worked through", async () => {
    const rows = async (where: pg.Pool, table: string) => {
      const query = "SELECT reltuples::float8 AS rows FROM pg_class WHERE oid = $1::regclass";
      return (await where.query<{ rows: number }>(query, [table])).rows[0]?.rows ?? 0;
    };
    const seenAtLast = Promise.withResolvers<void>();
    const messaging = await start({
      async Counted(transaction, envelope) {
        await seenAtLast.promise;
        await see(transaction, envelope);
      },
    });
    try {
      expect(await rows(pool, "outbox_messages")).toBe(-1);
      await send(...Array.from({ length: 300 }, (_, index): [string, number] => [`key ${index}`, 1]));
      messaging.notify();
      await until(async () => (await rows(pool, "outbox_messages")) >= 300);
      if (kind === "PostgreSQL") {
        const jobs = postgres.pool(brokerUrl);
        await until(async () => (await rows(jobs, "pgboss.job_common")) >= 100);
      }
    } finally {
      seenAtLast.resolve();
    }
    await until(async () => (await seen()).length === 300);
    expect(errors).toEqual([]);
  });

  test("what a transaction that was rolled back wrote is never sent", async () => {
    const messaging = await start({ Counted: see });
    const failing = inTransaction(pool, async (transaction) => {
      await writeMessages(transaction, [{ channel: "counter.events", envelope: message("a") }]);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await send(["b", 1]);
    messaging.notify();
    await until(async () => (await seen()).length > 0);
    expect(await seen()).toEqual([{ id: "b", version: 1 }]);
  });

  test("a row that commits after one with a higher number is published, too", async () => {
    const messaging = await start({ Counted: see });
    const late = await pool.connect();
    await late.query("BEGIN");
    await late.query("SELECT nextval('outbox_messages_seq_seq')");
    await late.query(
      "INSERT INTO outbox_messages (id, channel, shard, envelope) VALUES ($1, 'counter.events', 3, $2)",
      [message("x").id, JSON.stringify(message("late"))],
    );
    await send(["early", 1]);
    messaging.notify();
    await until(async () => (await seen()).length === 1);
    await late.query("COMMIT");
    late.release();
    messaging.notify();
    await until(async () => (await seen()).length === 2);
    expect((await seen()).map(({ id }) => id)).toEqual(["early", "late"]);
  });

  test("a message that fails is tried again, and those of its aggregate wait while all others pass", async () => {
    let failures = 3;
    const messaging = await start({
      async Counted(transaction, envelope) {
        if (envelope.aggregateId === "bad" && envelope.aggregateVersion === 1 && failures-- > 0)
          throw new Error("not yet");
        await see(transaction, envelope);
      },
    });
    await send(["bad", 1], ["bad", 2], ["good", 1], ["good", 2]);
    messaging.notify();
    await until(async () => (await seen()).length === 4);
    const rows = await seen();
    expect(rows.filter(({ id }) => id === "bad").map(({ version }) => version)).toEqual([1, 2]);
    expect(rows.filter(({ id }) => id === "good").map(({ version }) => version)).toEqual([1, 2]);
    expect(rows.at(-1)).toEqual({ id: "bad", version: 2 });
  });

  test("a poison message becomes a dead letter, and is handled under its own id once that is asked for", async () => {
    let cured = false;
    const messaging = await start({
      async Counted(transaction, envelope) {
        if (envelope.aggregateId === "bad" && !cured) throw new PermanentError("poison");
        await see(transaction, envelope);
      },
    });
    await send(["bad", 1], ["good", 1], ["bad", 2]);
    messaging.notify();
    const letters = async () =>
      (await pool.query("SELECT consumer, channel, envelope, error, attempts FROM dead_letters")).rows;
    await until(async () => (await letters()).length === 2);
    expect(await seen()).toEqual([{ id: "good", version: 1 }]);
    expect(await letters()).toMatchObject([
      { consumer: "counting", channel: "counter.events", envelope: { aggregateId: "bad" }, attempts: 1 },
      { envelope: { aggregateId: "bad" } },
    ]);
    cured = true;
    await pool.query("UPDATE dead_letters SET redrive_requested_at = now()");
    await pool.query("NOTIFY tributary_redrive");
    await until(async () => (await letters()).length === 0);
    expect(await seen()).toHaveLength(3);
  });

  test("messages with types that nobody handles are acknowledged and leave nothing behind", async () => {
    const messaging = await start({ Other: see });
    await send(["a", 1]);
    messaging.notify();
    await until(async () => (await broker.lag()).length > 0);
    await until(
      async () =>
        (await pool.query("SELECT 1 FROM outbox_messages WHERE published_at IS NULL")).rowCount === 0,
    );
    await until(async () => (await broker.lag()).every(({ waiting, inFlight }) => waiting + inFlight === 0));
    expect((await pool.query("SELECT 1 FROM inbox_messages")).rowCount).toBe(0);
  });

  test("a database that goes away for a while costs neither messages nor attempts", async () => {
    const messaging = await start({ Counted: see });
    await send(["a", 1]);
    messaging.notify();
    await until(async () => (await seen()).length === 1);
    for (let round = 2; round <= 4; round++) {
      await send(["a", round], ["b", round]);
      messaging.notify();
      const giveBack = await postgres.takeAway(databaseUrl);
      await new Promise((done) => setTimeout(done, 1_500));
      await giveBack();
    }
    await until(async () => (await seen()).length === 7);
    expect((await pool.query("SELECT 1 FROM dead_letters")).rowCount).toBe(0);
    expect((await seen()).filter(({ id }) => id === "a").map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });

  test("metrics tell what waits, what was handled and how late, what failed and what is dead", async () => {
    const registry = new Registry();
    // Once with the batch that it comes in, if it comes in one, and once alone.
    let failures = 2;
    const messaging = await start(
      {
        async Counted(transaction, envelope) {
          if (envelope.aggregateId === "dead") throw new PermanentError("poison");
          if (envelope.aggregateId === "late" && failures-- > 0) throw new Error("not yet");
          await see(transaction, envelope);
        },
      },
      registry,
    );
    await send(["a", 1], ["late", 1], ["dead", 1]);
    messaging.notify();
    /** A sample's value, by its name and labels as they are exposed. */
    const valueOf = async (sample: string) => {
      const line = (await registry.metrics())
        .split("\n")
        .find((each) => each.startsWith(`tributary_${sample} `));
      return line === undefined ? undefined : Number(line.split(" ").at(-1));
    };
    const by = '{consumer="counting"}';
    await until(async () => (await valueOf(`messages_handled_total${by}`)) === 2);
    await until(async () => (await valueOf(`dead_letters${by}`)) === 1);
    expect(await valueOf(`message_retries_total${by}`)).toBeGreaterThanOrEqual(1);
    expect(await valueOf(`dead_letters_total${by}`)).toBe(1);
    expect(await valueOf(`message_lag_seconds_count${by}`)).toBe(2);
    await until(async () => (await valueOf("outbox_messages")) === 0);
    expect(await valueOf("outbox_oldest_seconds")).toBe(0);
    expect(await valueOf("messages_published_total")).toBe(3);
    expect(
      await valueOf('consumer_lag_messages{consumer="counting",channel="counter.events",state="waiting"}'),
    ).toBe(0);
  });

  test("relays share the shards, and one that loses its session is replaced: order and effects hold", async () => {
    const [first, second] = [await start({ Counted: see }), await start({ Counted: see })];
    const holders = async () =>
      (
        await pool.query<{ pid: number; count: number }>(
          "SELECT pid, count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND objid < 16 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid",
        )
      ).rows;
    await until(async () => (await holders()).map(({ count }) => count).join() === "8,8");
    for (let version = 1; version <= 40; version++) {
      await send(...["a", "b", "c", "d", "e"].map((id): [string, number] => [id, version]));
      first.notify();
      second.notify();
      if (version % 10 === 0) {
        const [holder] = await holders();
        if (holder) await pool.query("SELECT pg_terminate_backend($1)", [holder.pid]);
      }
    }
    await until(async () => (await seen()).length >= 200);
    for (const id of ["a", "b", "c", "d", "e"]) {
      const versions = (await seen()).filter((row) => row.id === id).map(({ version }) => version);
      expect(versions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    }
    await until(async () => (await holders()).reduce((sum, { count }) => sum + count, 0) === 16);
  });
});
