import { randomUUID } from "node:crypto";
import { openHistoryStore, replayHistory } from "@tributary/history/load";
import { startStack, type Stack } from "@tributary/stack";
import {
  hasRedisServer,
  startRedisServer,
  withoutRedisServer,
  type TestRedisServer,
} from "@tributary/subgraph-testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createShop, textOf } from "../ordering/ordering.fixture.ts";
import { untilHistoriesAreWhole } from "../support/history.ts";

/** What the tests look at of a history. */
interface SeenHistory {
  asOf: string | null;
  lagSeconds: number | null;
  name: string;
  orderCount: number;
  paymentCount: number;
  entries: {
    totalCount: number;
    nodes: {
      order: {
        orderId: string;
        number: string;
        status: string;
        lineCount: number;
        payments: { status: string }[];
      } | null;
    }[];
  };
}

const WITHIN = { timeout: 60_000, interval: 100 };
const without = hasRedisServer ? "" : ` (${withoutRedisServer})`;

describe.each([
  { kind: "PostgreSQL", skip: false },
  { kind: `Redis${without}`, skip: !hasRedisServer },
])("histories in $kind", ({ kind, skip }) => {
  const isRedis = kind.startsWith("Redis");
  let stack: Stack;
  let redis: TestRedisServer | undefined;
  let shop: ReturnType<typeof createShop>;
  let admin: string;

  beforeAll(async () => {
    if (skip) return;
    if (isRedis) redis = await startRedisServer();
    stack = await startStack({
      seedCustomers: 40,
      env: {
        SIMULATED_PROVIDER_DECLINE: "0",
        ...(redis && { HISTORY_STORE: "redis", HISTORY_REDIS_URL: redis.url }),
      },
    });
    admin = await stack.token("admin");
    shop = createShop(stack, admin);
    await untilHistoriesAreWhole(stack);
  });
  afterAll(async () => {
    await stack?.stop();
    await redis?.stop();
  });

  async function historyOf({ id, token }: { id: string; token: string }): Promise<SeenHistory | null> {
    const { data, errors } = await shop.ask(token, textOf("customer-history"), { id, first: 100 });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return data.customer.history as SeenHistory | null;
  }
  async function place(token: string): Promise<string> {
    const lines = [{ productCode: "P-0001", quantity: 1 }];
    const { answer } = await shop.mutate(token, "place-order", { lines });
    return (answer as { order: { id: string } }).order.id;
  }
  /** Waits until the history shows all orders in a status. */
  const untilShown = (buyer: { id: string; token: string }, orders: readonly string[], status: string) =>
    vi.waitFor(async () => {
      const history = await historyOf(buyer);
      const shown = history?.entries.nodes.filter(({ order }) => order?.status === status) ?? [];
      expect(shown.map(({ order }) => order!.orderId).toSorted()).toEqual(orders.toSorted());
      return history!;
    }, WITHIN);
  /** Compares what is live with what the contexts make anew. */
  async function differences(): Promise<string[]> {
    const store = openHistoryStore(stack.databases.history);
    const found: string[] = [];
    try {
      await replayHistory(store, {
        checkOnly: true,
        onDifference: ({ id, what }) => void found.push(`${id}: ${what.join("; ")}`),
      });
      return found;
    } finally {
      await store.close();
    }
  }

  test.skipIf(skip)(
    "an order that is placed is in the customer's history, with its payment and how current that is",
    async () => {
      const buyer = await shop.newBuyer(10_000_000);
      const begun = Date.now();
      const id = await place(buyer.token);
      const history = await untilShown(buyer, [id], "CONFIRMED");
      expect(history).toMatchObject({ orderCount: 1, paymentCount: 1 });
      expect(history.name).toMatch(/^Buyer /);
      const [entry] = history.entries.nodes;
      expect(entry?.order).toMatchObject({ lineCount: 1, payments: [{ status: "CAPTURED" }] });
      // Everything that was published before `asOf` is in it; and it comes to be after what was just done.
      await vi.waitFor(async () => {
        const { asOf, lagSeconds } = (await historyOf(buyer))!;
        expect(Date.parse(asOf ?? "")).toBeGreaterThan(begun);
        expect(lagSeconds).toBeGreaterThanOrEqual(0);
      }, WITHIN);
      expect(await differences()).toEqual([]);
    },
  );

  test.skipIf(skip)(
    "a history service that is killed while orders are placed catches up, and others see their own alone",
    async () => {
      const [one, other] = [await shop.newBuyer(10_000_000), await shop.newBuyer(10_000_000)];
      const orders: string[] = [];
      for (let index = 0; index < 12; index++) {
        orders.push(await place(one.token));
        if (index % 5 === 2) process.kill(stack.subgraphs.history.pid, "SIGKILL");
        // The child that is killed is started again before the next one is.
        if (index % 5 === 2)
          await vi.waitFor(async () => expect(await historyOf(other)).toBeDefined(), WITHIN);
      }
      for (const id of orders) await shop.waitFor(one.token, id, "CONFIRMED");
      const history = await untilShown(one, orders, "CONFIRMED");
      expect(history).toMatchObject({ orderCount: 12, paymentCount: 12, entries: { totalCount: 12 } });
      const { data } = await shop.ask(other.token, textOf("customer-history"), { id: one.id });
      expect(data.customer).toBeNull();
      expect(await differences()).toEqual([]);
    },
  );

  test.skipIf(skip)(
    "made anew while orders are placed and the service is killed, nothing is missing when it is swapped in",
    async () => {
      const buyer = await shop.newBuyer(100_000_000);
      const orders: string[] = [];
      const store = openHistoryStore(stack.databases.history);
      const before = (await store.generations()).find(({ status }) => status === "LIVE")!.id;
      const replaying = replayHistory(store, { checkOnly: false, onDifference() {} });
      for (let index = 0; index < 10; index++) {
        orders.push(await place(buyer.token));
        if (index === 3) process.kill(stack.subgraphs.history.pid, "SIGKILL");
      }
      await replaying;
      expect((await store.generations()).find(({ status }) => status === "LIVE")!.id).toBeGreaterThan(before);
      await store.close();
      for (const id of orders) await shop.waitFor(buyer.token, id, "CONFIRMED");
      await untilShown(buyer, orders, "CONFIRMED");
      expect(await differences()).toEqual([]);
    },
  );

  test.skipIf(skip || !isRedis)(
    "a Redis that loses everything is noticed, and the histories are made again",
    async () => {
      const buyer = await shop.newBuyer(10_000_000);
      const id = await place(buyer.token);
      await untilShown(buyer, [id], "CONFIRMED");
      await redis!.halt("SIGKILL");
      const away = await shop.ask(buyer.token, textOf("customer-history"), { id: buyer.id });
      expect(away.errors[0]?.extensions.code).toBe("DATABASE_UNAVAILABLE");
      expect(away.data.customer).toMatchObject({ id: buyer.id, history: null });
      const late = await place(buyer.token);
      await redis!.start();
      await untilShown(buyer, [id, late], "CONFIRMED");
      await untilHistoriesAreWhole(stack);
      expect(await differences()).toEqual([]);
    },
  );

  test.skipIf(skip)("finds nobody's history where there is nobody", async () => {
    const { data, errors } = await shop.ask(admin, textOf("customer-history"), { id: randomUUID() });
    expect(errors).toEqual([]);
    expect(data.customer).toBeNull();
  });
});
