import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createShop, type Buyer } from "./ordering.fixture.ts";

// The services with relays that are told by the write-ahead log what to send.

let stack: Stack;
let shop: ReturnType<typeof createShop>;
let buyer: Buyer;

beforeAll(async () => {
  stack = await startStack({
    seedCustomers: 5,
    relay: "wal",
    // What was committed must be there after the server was killed.
    postgresSettings: { synchronous_commit: "on" },
    env: { SIMULATED_PROVIDER_DECLINE: "0" },
  });
  shop = createShop(stack, await stack.token("admin"));
  buyer = await shop.newBuyer(2 ** 40);
});
afterAll(() => stack?.stop());

/** Places an order, again under the same key until there is an answer. @returns its id */
async function place(): Promise<string> {
  const input = { lines: [{ productCode: "P-0001", quantity: 1 }], idempotencyKey: randomUUID() };
  for (;;) {
    const { answer } = await shop.mutate(buyer.token, "place-order", input).catch(() => ({ answer: null }));
    if (answer !== null) return (answer as { order: { id: string } }).order.id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What has become of orders, by now. */
const statusesOf = async (ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await shop.order(buyer.token, id).catch(() => null))?.status));

/** Runs a statement as the server's superuser. */
async function inOrder<Row extends object>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: stack.adminUrl!("order") });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const slots = () =>
  inOrder<{ slot_name: string; active_pid: number | null }>(
    "SELECT slot_name, active_pid FROM pg_replication_slots WHERE database = 'order'",
  );

it("orders are confirmed, and it is the log that tells of them", async () => {
  const ids = await Promise.all([place(), place(), place()]);
  await expect.poll(() => statusesOf(ids)).toEqual(ids.map(() => "CONFIRMED"));
  expect((await slots()).filter(({ active_pid }) => active_pid !== null)).not.toEqual([]);
});

it.each([
  ["the order service is killed", () => stack.subgraphs.order.pid],
  [
    "PostgreSQL is killed",
    () => Number(readFileSync(join(stack.paths.postgres, "postmaster.pid"), "utf8").split("\n")[0]),
  ],
])("nothing is lost where %s", async (_, victim) => {
  const ids = await Promise.all([place(), place(), place()]);
  process.kill(victim(), "SIGKILL");
  ids.push(await place());
  await expect.poll(() => statusesOf(ids)).toEqual(ids.map(() => "CONFIRMED"));
});

it("a slot that was dropped is made again, and what was written meanwhile is sent", async () => {
  const [slot] = await slots();
  for (let isThere = true; isThere;) {
    await inOrder(
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${slot!.slot_name}'`,
    );
    // It may be in use again by then.
    isThere = await inOrder(`SELECT pg_drop_replication_slot('${slot!.slot_name}')`).then(
      () => false,
      ({ code }: { code?: string }) => code !== "42704",
    );
  }
  const ids = await Promise.all([place(), place(), place()]);
  await expect.poll(() => statusesOf(ids)).toEqual(ids.map(() => "CONFIRMED"));
  await expect.poll(async () => (await slots()).length).toBe(1);
});
