import { createCreditStore } from "@tributary/customer/protocol";
import { applyChanges, type HistoryTransaction } from "@tributary/history/protocol";
import {
  createPostgresConsumerStore,
  inTransaction,
  type SqlTransaction,
} from "@tributary/messaging/protocol";
import { createOrderStore } from "@tributary/order/protocol";
import { createPaymentStore } from "@tributary/payment/protocol";
import { letSessionsEnd, startContextDatabase, type ContextDatabase } from "@tributary/subgraph-testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Mutation } from "./mutation.ts";
import { CONTEXTS, makePlan, PRICE, type Context, type Plan } from "./plan.ts";
import { simulate } from "./simulate.ts";
import type { Call, Transaction } from "./world/database.ts";
import { customerIdOf } from "./world/world.ts";

// The simulated stores agree with PostgreSQL's: what transactions of whole schedules asked of the one, and was answered,
// is asked of the other one. Transactions run one after the other in these schedules; what they do to each other when they
// do not is in contract/.

const SCHEDULES = 60;

let databases: Record<Context, ContextDatabase>;
let pools: Record<Context, pg.Pool>;

beforeAll(async () => {
  const started = await Promise.all(
    CONTEXTS.map(async (each) => [each, await startContextDatabase(each)] as const),
  );
  databases = Object.fromEntries(started) as typeof databases;
  pools = Object.fromEntries(
    started.map(([context, { url }]) => [
      context,
      // The time of statements is that of the schedule.
      new pg.Pool({ connectionString: url, max: 1, options: "-c search_path=public,pg_catalog" }),
    ]),
  ) as typeof pools;
  for (const context of CONTEXTS) {
    letSessionsEnd(pools[context]);
    await databases[context].query(
      "CREATE FUNCTION public.now() RETURNS timestamptz STABLE LANGUAGE sql AS $$ SELECT current_setting('schedule.now')::timestamptz $$",
    );
  }
  await databases.history.query("INSERT INTO generations (purpose, status) VALUES ('SERVE', 'LIVE')");
  await databases.order.query(
    `WITH product AS (INSERT INTO products (id, code, name) VALUES (gen_random_uuid(), 'P-1', 'A product') RETURNING id)
     INSERT INTO product_prices (product_id, currency, price_minor) SELECT id, 'USD', ${PRICE} FROM product`,
  );
});
afterAll(async () => {
  await Promise.all(Object.values(pools ?? {}).map((pool) => pool.end()));
  await Promise.all(Object.values(databases ?? {}).map((database) => database.stop()));
});

type Store = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

/** What the store in PostgreSQL does at a transaction's end. */
const createView = (transaction: SqlTransaction) => ({
  apply: (_messageId: string, changes: Parameters<HistoryTransaction["apply"]>[1]) =>
    applyChanges(transaction, changes, null),
});

const STORES: Readonly<Record<Context, (transaction: SqlTransaction) => object>> = {
  customer: createCreditStore,
  order: createOrderStore,
  payment: createPaymentStore,
  history: createView,
};

/** Has each call of a store noted in its transaction. */
function recorded<S extends object>(sound: S, transaction: Transaction): S {
  return Object.fromEntries(
    Object.entries(sound as Store).map(([method, ask]) => [
      method,
      async (...args: readonly unknown[]) => {
        const result = await ask(...args);
        note(transaction, { method, args, result });
        return result;
      },
    ]),
  ) as S;
}
function note(transaction: Transaction, call: Omit<Call, "at">): void {
  transaction.calls.push({ ...call, at: transaction.now() });
}

const recording: Mutation = {
  orderStore: recorded,
  creditStore: recorded,
  paymentStore: recorded,
  view: (sound, transaction) => ({
    apply(messageId, changes) {
      sound.apply(messageId, changes);
      note(transaction, { method: "apply", args: [messageId, changes], result: undefined });
    },
  }),
  consumerStore: (sound) => ({
    ...sound,
    async claim(transaction, consumer, ids) {
      const result = await sound.claim(transaction, consumer, ids);
      note(transaction, { method: "claim", args: [consumer, ids], result });
      return result;
    },
  }),
};

/** The committed transactions of a schedule that runs them one after the other. */
async function record(plan: Plan): Promise<{ context: Context; transaction: Transaction }[]> {
  const transactions: { context: Context; transaction: Transaction }[] = [];
  const { findings } = await simulate(plan, {
    mutation: recording,
    isSerial: true,
    onCommit(context, transaction) {
      if (transaction.calls.length > 0) transactions.push({ context, transaction });
    },
  });
  expect(findings).toEqual([]);
  return transactions;
}

/** A value without what JSON does not tell apart, its keys and members in order. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain).sort(byText);
  if (value instanceof Set) return [...value].map(plain).sort(byText);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value ?? null;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]).sort(byText));
}
const byText = (left: unknown, right: unknown): number =>
  JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;

/** Asks PostgreSQL the same. @returns what it answers otherwise */
async function replay(context: Context, calls: readonly Call[]): Promise<string[]> {
  const pool = pools[context];
  const inbox = createPostgresConsumerStore(pool);
  const differences: string[] = [];
  await inTransaction(pool, async (transaction) => {
    const client = transaction as unknown as { query(statement: object): Promise<object[]> };
    const store = STORES[context](transaction) as Store;
    for (const { method, args, result, at } of calls) {
      await client.query({
        text: "SELECT set_config('schedule.now', $1, true)",
        values: [new Date(at).toISOString()],
      });
      const answer =
        method === "claim"
          ? await inbox.claim(transaction, ...(args as [string, string[]]))
          : await store[method]!(...args);
      // A number that a transaction took which was rolled back is missing in the one, and not in the other.
      if (method === "nextOrderNumber") continue;
      // UPDATE ... RETURNING gives rows in no order.
      const [expected, actual] = [result, answer].map((each) =>
        JSON.stringify(plain(method === "takeProviderCalls" ? new Set(each as object[]) : each)),
      );
      if (expected !== actual)
        differences.push(
          `${context} ${method}(${JSON.stringify(args)}): ${expected}, and PostgreSQL ${actual}`,
        );
    }
  });
  return differences;
}

/** Tells where PostgreSQL's documents are not what a transaction sees. */
async function viewOf(transaction: Transaction): Promise<string[]> {
  const [heads, entries] = [transaction.rows("customer_heads"), transaction.rows("entries")];
  const stored = [
    ...(
      await pools.history.query(
        `SELECT customer_id AS "customerId", customer, held, entry_count AS "entryCount", order_count AS "orderCount",
        payment_count AS "paymentCount", changed_at AS "changedAt" FROM customer_heads WHERE customer_id = ANY($1)`,
        [heads.map(({ customerId }) => customerId)],
      )
    ).rows,
    ...(
      await pools.history.query(
        `SELECT id, customer_id AS "customerId", listed_at AS "listedAt", parts FROM entries WHERE customer_id = ANY($1)`,
        [heads.map(({ customerId }) => customerId)],
      )
    ).rows,
  ].map((row) => JSON.stringify(plain(row)));
  const seen = [...heads, ...entries].map((row) => JSON.stringify(plain(row)));
  return [
    ...seen.filter((row) => !stored.includes(row)).map((row) => `PostgreSQL does not have ${row}`),
    ...stored.filter((row) => !seen.includes(row)).map((row) => `PostgreSQL alone has ${row}`),
  ];
}

test(`PostgreSQL answers what the simulated stores do, in ${SCHEDULES} schedules`, async () => {
  const methods = new Map<string, number>();
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const plan = makePlan(seed);
    for (const [index, limitMinor] of plan.limits.entries()) {
      await databases.customer.query(
        `INSERT INTO customers (id, number, name, status, credit_limit_minor, currency, version, created_at, updated_at)
         VALUES ($1, $2, 'Somebody', 'ACTIVE', $3, 'USD', 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`,
        [customerIdOf(seed, index), `C-${seed}-${index}`, limitMinor],
      );
    }
    // What is changed from outside no store is asked for.
    const actions = plan.actions.filter(({ kind }) => kind === "place");
    const transactions = await record({ ...plan, actions });
    for (const { context, transaction } of transactions) {
      const { calls } = transaction;
      for (const { method } of calls)
        methods.set(`${context} ${method}`, (methods.get(`${context} ${method}`) ?? 0) + 1);
      expect(await replay(context, calls), `seed ${seed}`).toEqual([]);
    }
    // What the view's changes came to is seen by no answer of its store.
    const last = transactions.findLast(({ context }) => context === "history");
    if (last) expect(await viewOf(last.transaction), `seed ${seed}`).toEqual([]);
  }
  console.log(JSON.stringify(Object.fromEntries([...methods].sort())));
  // All that the stores can do was asked for.
  for (const context of CONTEXTS) {
    const client: SqlTransaction = {
      query: async () => [],
      queryBoth: async () => [[], []],
      async defer() {},
    };
    const known = Object.keys(STORES[context](client)).map((method) => `${context} ${method}`);
    expect(known.filter((method) => !methods.has(method))).toEqual([]);
  }
}, 600_000);
