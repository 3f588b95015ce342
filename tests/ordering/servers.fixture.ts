import { setTimeout as sleep } from "node:timers/promises";
import { openBroker } from "@tributary/messaging";
import { startNatsServer } from "@tributary/messaging/test-nats-server";
import type { Stack } from "@tributary/stack";
import { hasRedisServer, startRedisServer } from "@tributary/subgraph-testing";
import pg from "pg";
import type { BrokerName } from "./config.ts";

/** What a chaos test runs a stack with, and can break. */
export interface ChaosServers {
  /** The stack's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the broker has that is not acknowledged, in words; of this moment. */
  messagesWithBroker(stack: Stack): Promise<string[]>;
  /** Has the broker hand over what is published twice, as its contract allows. Once the stack runs. */
  takeRepetitions(): Promise<void>;
  /** How many messages the broker has stored up to now; since its last start, if it is the embedded one. */
  messagesStored(stack: Stack): Promise<number>;
  /** Nobody reaches the broker for so long; what it has stays. */
  keepBrokerAway(stack: Stack, ms: number): Promise<void>;
  /** Ends a server of its own as a crash does, and starts it again over the same data. */
  readonly crashes: Readonly<Record<string, () => Promise<void>>>;
  stop(): Promise<void>;
}

/** Starts the servers that a stack does not bring along: none, or NATS, and Redis for the histories where there is one. */
export async function startChaosServers(broker: BrokerName): Promise<ChaosServers> {
  if (broker === "embedded") {
    return {
      env: {},
      messagesWithBroker: messagesWithEmbedded,
      async takeRepetitions() {},
      messagesStored: storedByEmbedded,
      async keepBrokerAway(stack, ms) {
        await allowBroker(stack, false);
        await sleep(ms);
        await allowBroker(stack, true);
      },
      crashes: {},
      async stop() {},
    };
  }
  const nats = await startNatsServer();
  const redis = hasRedisServer ? await startRedisServer("everysec") : undefined;
  const crashOf =
    (server: { halt(signal: "SIGKILL"): Promise<void>; start(): Promise<void> }) => async () => {
      await server.halt("SIGKILL");
      await server.start();
    };
  return {
    env: {
      BROKER_URL: nats.url,
      ...(redis && { HISTORY_STORE: "redis", HISTORY_REDIS_URL: redis.url }),
    },
    messagesWithBroker: () => messagesWithNats(nats.url),
    takeRepetitions: () => nats.takeRepetitions(),
    messagesStored: () => nats.stored(),
    async keepBrokerAway(_, ms) {
      await nats.halt("SIGKILL");
      await sleep(ms);
      await nats.start();
    },
    crashes: { nats: crashOf(nats), ...(redis && { redis: crashOf(redis) }) },
    async stop() {
      await nats.stop();
      await redis?.stop();
    },
  };
}

/** Asks the tables: the broker's own figures are some seconds old. What is acknowledged is deleted. */
export async function messagesWithEmbedded(stack: Stack): Promise<string[]> {
  const rows = await askEmbedded<{ name: string; count: number }>(
    stack,
    "SELECT name, count(*)::int FROM pgboss.job WHERE name NOT LIKE '\\_\\_pgboss%' GROUP BY name",
  );
  return rows.map(({ name, count }) => `broker: ${count} of ${name}`);
}

async function storedByEmbedded(stack: Stack): Promise<number> {
  const [row] = await askEmbedded<{ count: number }>(
    stack,
    "SELECT n_tup_ins::int AS count FROM pg_stat_user_tables WHERE schemaname = 'pgboss' AND relname = 'job_common'",
  );
  return row!.count;
}

async function askEmbedded<Row extends pg.QueryResultRow>(stack: Stack, sql: string): Promise<Row[]> {
  const client = new pg.Client({
    connectionString: stack.adminUrl!("broker"),
    connectionTimeoutMillis: 2_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

async function messagesWithNats(url: string): Promise<string[]> {
  const broker = openBroker(url, { subscriptions: {}, onError() {} });
  try {
    return (await broker.lag()).flatMap(({ channel, consumer, waiting, inFlight }) =>
      waiting + inFlight === 0 ? [] : [`broker: ${waiting + inFlight} of ${channel} for ${consumer}`],
    );
  } finally {
    await broker.close();
  }
}

/** Opens or closes the broker's database; insists, as the server may just be starting. */
async function allowBroker(stack: Stack, allowed: boolean): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: stack.adminUrl!(), connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query(`ALTER DATABASE broker ALLOW_CONNECTIONS ${allowed}`);
      if (!allowed)
        await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'broker'");
      return;
    } catch {
      await sleep(200);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
