import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNatsServer, type TestNatsServer } from "@tributary/messaging/test-nats-server";
import { historyIsThere, startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { expect, it } from "vitest";
import { readUsage } from "../gateway/usage.ts";
import { readBenchSettings } from "./config.ts";
import { createShop, type Buyer } from "./ordering.fixture.ts";

const { brokers, relays, onDisk: sizes } = readBenchSettings();

/*
 * What placing an order costs: the time from `placeOrder` to CONFIRMED and the CPU of each process at a steady rate, the
 * highest steady rate that still drains, and how many orders per second are CONFIRMED where as many are placed as the API
 * takes. Everything runs on this machine, the load included, on the embedded PostgreSQL, which flushes each commit to disk as
 * with `npm start`. BENCH_BROKERS (postgres, nats: a
 * nats-server that is started for it), BENCH_RELAYS (polling, wal) and BENCH_ORDERS_ON_DISK (1000,1000000) say what is
 * compared, each with each: `BENCH_BROKERS=nats npm run bench -- orders`.
 */

const BUYERS = 50;
const STEADY_RATE = 40;
const STEADY_SECONDS = 15;
const ROUNDS = 3;
/** A rate drains where all is CONFIRMED within this long after the last order was due: nothing piled up. */
const DRAINED_WITHIN_MS = 1_000;
const RATE_STEP = 10;
const RATE_SECONDS = 10;
const BURST = 1_000;
const BURST_CONCURRENCY = 32;

const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? NaN;
const median = (values: readonly number[]) =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

const compared = brokers.flatMap((broker) =>
  relays.flatMap((relay) => sizes.map((onDisk) => ({ broker, relay, onDisk }))),
);

it.each(compared)(
  "measures placing orders: $broker, $relay, $onDisk on disk",
  async ({ broker, relay, onDisk }) => {
    const nats = broker === "nats" ? await startNatsServer() : null;
    try {
      expect(await measure(relay, nats, { onDisk, title: `${broker}, ${relay}` })).toBeGreaterThan(0);
    } finally {
      await nats?.stop();
    }
  },
  7_200_000,
);

/** @returns how many orders per second were CONFIRMED, as many as the API takes */
async function measure(
  relay: "polling" | "wal",
  nats: TestNatsServer | null,
  { onDisk, title }: { readonly onDisk: number; readonly title: string },
): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), "tributary-bench-"));
  const stack = await startStack({
    // With a folder of its own, the databases are durable.
    dataDir,
    // The generated set has nearly two orders per customer.
    seedCustomers: Math.ceil(onDisk / 1.95),
    relay,
    env: { SIMULATED_PROVIDER_DECLINE: "0", BROKER_URL: nats?.url },
  });
  const database = new pg.Client({ connectionString: stack.databases.order });
  await database.connect();
  try {
    // It is made in the background, and is part of no figure.
    expect(await historyIsThere(stack, 3_600_000)).toBe(true);
    const { rows } = await database.query<{ count: string }>("SELECT count(*) FROM orders");
    const shop = createShop(stack, await stack.token("admin"));
    const buyers: Buyer[] = [];
    for (let count = 0; count < BUYERS; count++) buyers.push(await shop.newBuyer(2 ** 50));
    let next = 0;
    const place = async (): Promise<readonly [id: string, at: number]> => {
      const at = Date.now();
      const buyer = buyers[next++ % BUYERS] as Buyer;
      const lines = [{ productCode: "P-0001", quantity: 2 }];
      const { answer } = await shop.mutate(buyer.token, "place-order", {
        lines,
        idempotencyKey: randomUUID(),
      });
      return [(answer as { order: { id: string } }).order.id, at];
    };

    await burst(place, database, 200); // to warm up
    const rounds: Awaited<ReturnType<typeof steady>>[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push(await steady(place, STEADY_RATE, STEADY_SECONDS, { stack, database, nats }));
    let drains = 0;
    for (let rate = STEADY_RATE + RATE_STEP; ; rate += RATE_STEP) {
      const { leftMs } = await steady(place, rate, RATE_SECONDS, { stack, database, nats });
      if (leftMs > DRAINED_WITHIN_MS) break;
      drains = rate;
    }
    const rate = await burst(place, database, BURST);
    const lines: [string, string][] = [
      [`placeOrder to CONFIRMED at ${STEADY_RATE} orders/s, p50`, ms(median(rounds.map(({ p50 }) => p50)))],
      [`placeOrder to CONFIRMED at ${STEADY_RATE} orders/s, p99`, ms(median(rounds.map(({ p99 }) => p99)))],
      ...Object.keys(rounds[0]?.cpu ?? {}).map((name): [string, string] => [
        `CPU per order, ${name}`,
        ms(median(rounds.map(({ cpu }) => cpu[name] ?? NaN))),
      ]),
      [
        "the highest steady rate that drains, orders/s",
        drains === 0 ? `under ${STEADY_RATE + RATE_STEP}` : `${drains}`,
      ],
      ["orders CONFIRMED per second, as many as the API takes", rate.toFixed(0)],
    ];
    console.log(
      `${title}, ${Number(rows[0]?.count).toLocaleString("en")} orders on disk\n` +
        lines.map(([what, figure]) => `${what.padEnd(58)} ${figure.padStart(10)}`).join("\n"),
    );
    return rate;
  } finally {
    await database.end();
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const ms = (milliseconds: number) => `${milliseconds.toFixed(1)} ms`;

/**
 * Places orders at a steady rate, whatever the answers take.
 *
 * @returns times from `placeOrder` to CONFIRMED, how long after the last order was due the last one was CONFIRMED, and the
 *   CPU time of each process per order; all in milliseconds
 */
async function steady(
  place: () => Promise<readonly [string, number]>,
  rate: number,
  seconds: number,
  { stack, database, nats }: { stack: Stack; database: pg.Client; nats: TestNatsServer | null },
): Promise<{ p50: number; p99: number; leftMs: number; cpu: Record<string, number> }> {
  const before = cpuOf(stack, nats);
  const begin = performance.now();
  const placing: Promise<readonly [string, number]>[] = [];
  const count = rate * seconds;
  const beginAt = Date.now();
  for (let index = 0; index < count; index++) {
    const due = begin + (index * 1000) / rate;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    placing.push(place());
  }
  const placed = await Promise.all(placing);
  const confirmed = await confirmations(
    database,
    placed.map(([id]) => id),
  );
  const after = cpuOf(stack, nats);
  const times = placed.map(([id, at]) => (confirmed.get(id) ?? NaN) - at).toSorted((a, b) => a - b);
  const each = Object.fromEntries(
    Object.entries(after).map(([name, cpu]) => [name, (cpu - (before[name] ?? 0)) / count]),
  );
  const total = Object.values(each).reduce((sum, cpu) => sum + cpu, 0);
  const leftMs = Math.max(...confirmed.values()) - (beginAt + seconds * 1000);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), leftMs, cpu: { ...each, total } };
}

/** @returns orders per second, until the last one is CONFIRMED */
async function burst(
  place: () => Promise<readonly [string, number]>,
  database: pg.Client,
  count: number,
): Promise<number> {
  const begin = performance.now();
  const ids: string[] = [];
  let left = count;
  const one = async () => {
    while (left-- > 0) ids.push((await place())[0]);
  };
  await Promise.all(Array.from({ length: BURST_CONCURRENCY }, one));
  await confirmations(database, ids);
  return count / ((performance.now() - begin) / 1000);
}

/** Waits until all orders are CONFIRMED. @returns when each was, in milliseconds since 1970 */
async function confirmations(database: pg.Client, ids: readonly string[]): Promise<Map<string, number>> {
  for (;;) {
    const { rows } = await database.query<{ order_id: string; occurred_at: Date }>(
      "SELECT order_id, occurred_at FROM order_events WHERE order_id = ANY ($1::uuid[]) AND type = 'OrderConfirmed'",
      [ids],
    );
    expect(rows.length).toBeLessThanOrEqual(ids.length);
    if (rows.length === ids.length) {
      return new Map(rows.map(({ order_id, occurred_at }) => [order_id, occurred_at.getTime()]));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** CPU time so far, in milliseconds, of each process of the stack; PostgreSQL's with all its sessions. */
function cpuOf({ gateway, subgraphs, paths }: Stack, nats: TestNatsServer | null): Record<string, number> {
  const [postgres = ""] = readFileSync(join(paths.postgres, "postmaster.pid"), "utf8").split("\n");
  const pids = {
    gateway: gateway?.pid ?? 0,
    ...(nats && { nats: nats.pid }),
    customer: subgraphs.customer.pid,
    history: subgraphs.history.pid,
    order: subgraphs.order.pid,
    payment: subgraphs.payment.pid,
    postgres: Number(postgres),
    "stack and load": process.pid,
  };
  const cpu = Object.entries(pids).map(([name, pid]) => [name, readUsage(pid).cpuMilliseconds] as const);
  const { "stack and load": all = 0, ...others } = Object.fromEntries(cpu);
  // This process is the parent of the others, so that what it used has all of theirs in it.
  return { ...others, "stack and load": all - Object.values(others).reduce((sum, each) => sum + each, 0) };
}
