import {
  createPostgresConsumerStore,
  createPostgresOutbox,
  SHARDS,
  sqlOfPg,
  type OutgoingMessage,
  type SqlTransaction,
} from "@tributary/messaging/protocol";
import { letSessionsEnd, startContextDatabase } from "@tributary/subgraph-testing";
import pg from "pg";
import { afterAll, expect } from "vitest";
import { makePlan, type Context } from "../plan.ts";
import { createConsumerStore, createOutbox } from "../stores/messages.ts";
import type { createSimulatedOrderStore } from "../stores/orders.ts";
import { createWorld } from "../world/world.ts";

// Contracts of the stores: what transactions do to each other that run at the same time, the same on the simulated stores
// and on PostgreSQL.

/** A transaction that is open. */
export interface Open<Store> {
  readonly store: Store & { claim(ids: readonly string[]): Promise<readonly string[]> };
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** A database of a context with nothing in it but a customer. */
export interface Side<Store> {
  begin(): Promise<Open<Store>>;
  /** Settles when a call of a store waits for another transaction. */
  waits(call: Promise<unknown>): Promise<void>;
  /** Ids of what the relay would publish, in order. */
  unpublished(): Promise<string[]>;
}

let number = 0;
export const id = (): string => `019b76da-ffff-7000-8000-${(number++).toString(16).padStart(12, "0")}`;
export const customer = id();
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});
const all = Array.from({ length: SHARDS }, (_, shard) => shard);

/** A call that is under way, and whether it has come to an end. */
function watched(call: Promise<unknown>): () => boolean {
  let isOver = false;
  call.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  return () => isOver;
}

async function postgresSide<Store extends object>(
  context: Context,
  createStore: (transaction: SqlTransaction) => Store,
): Promise<Side<Store>> {
  const database = await startContextDatabase(context);
  const pool = new pg.Pool({ connectionString: database.url, max: 5 });
  letSessionsEnd(pool);
  stops.push(async () => {
    // A test that failed may not have given its session back, which the pool would wait for.
    void pool.end();
    await database.stop();
  });
  if (context === "customer") {
    await database.query(
      `INSERT INTO customers (id, number, name, status, credit_limit_minor, currency, version, created_at, updated_at)
       VALUES ($1, 'C-1', 'Somebody', 'ACTIVE', 1000, 'USD', 1, now(), now())`,
      [customer],
    );
  }
  const inbox = createPostgresConsumerStore(pool);
  const outbox = createPostgresOutbox(pool, () => all);
  return {
    async begin() {
      const client = await pool.connect();
      await client.query("BEGIN");
      const transaction = sqlOfPg(client);
      const end = async (how: string): Promise<void> => {
        await client.query(how);
        client.release();
      };
      const claim = async (ids: readonly string[]) => [...(await inbox.claim(transaction, context, ids))];
      return {
        store: { ...createStore(transaction), claim },
        commit: () => end("COMMIT"),
        rollback: () => end("ROLLBACK"),
      };
    },
    async waits(call) {
      const isOver = watched(call);
      await expect
        .poll(async () => {
          const [row] = await database.query<{ count: number }>(
            "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
          );
          return (row?.count ?? 0) > 0 || isOver();
        })
        .toBe(true);
      expect(isOver()).toBe(false);
    },
    unpublished: async () => (await outbox.unpublished(100)).map(({ envelope }) => envelope.id),
  };
}

function simulatedSide<Store extends object>(
  context: Context,
  createStore: (...options: Parameters<typeof createSimulatedOrderStore>) => Store,
): Side<Store> {
  const world = createWorld({ plan: { ...makePlan(0), limits: [], faults: [] } });
  const database = world.databases[context];
  if (context === "customer") {
    database.load("customers", {
      [customer]: { id: customer, status: "ACTIVE", limitMinor: 1_000, currency: "USD" },
    });
  }
  const process = world.process(context, context, () => {});
  const inbox = createConsumerStore(database, process);
  /** Lets time go on until nothing more happens. */
  const settle = (): Promise<boolean> =>
    world.scheduler.run(() => false, { events: 1_000_000, until: Number.MAX_SAFE_INTEGER });
  const going = <T>(call: Promise<T>): Promise<T> => {
    void settle();
    return call;
  };
  return {
    async begin() {
      const transaction = database.begin(process);
      const store = Object.fromEntries(
        Object.entries(createStore(database, transaction)).map(([method, ask]) => [
          method,
          (...args: readonly unknown[]) =>
            going((ask as (...each: readonly unknown[]) => Promise<unknown>)(...args)),
        ]),
      ) as Store;
      const claim = async (ids: readonly string[]) => [
        ...(await going(inbox.claim(transaction, context, ids))),
      ];
      return {
        store: { ...store, claim },
        commit: () => going(transaction.commit()),
        async rollback() {
          transaction.rollback();
        },
      };
    },
    async waits(call) {
      const isOver = watched(call);
      await settle();
      expect(isOver()).toBe(false);
    },
    unpublished: async () =>
      (await going(createOutbox(database, process, () => all).unpublished(100))).map(
        ({ envelope }) => envelope.id,
      ),
  };
}

/** Starts both sides, each as soon as it is needed. */
export function sides<Store extends object>(
  context: Context,
  createReal: (transaction: SqlTransaction) => Store,
  createSimulated: (...options: Parameters<typeof createSimulatedOrderStore>) => Store,
): [string, () => Promise<Side<Store>>][] {
  let real: Promise<Side<Store>> | undefined;
  return [
    ["on PostgreSQL", () => (real ??= postgresSide(context, createReal))],
    ["in the simulation", async () => simulatedSide(context, createSimulated)],
  ];
}

export const at = new Date("2026-01-01T00:00:00.000Z");
/** Makes a message that tells of an aggregate. */
export const message = (aggregateId: string): OutgoingMessage => ({
  channel: "order.events",
  envelope: {
    id: id(),
    type: "OrderCreated",
    schemaVersion: 1,
    aggregateType: "order",
    aggregateId,
    aggregateVersion: 1,
    occurredAt: at.toISOString(),
    correlationId: aggregateId,
    causationId: null,
    traceparent: null,
    data: {},
  },
});
