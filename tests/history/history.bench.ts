import { randomUUID } from "node:crypto";
import { openHistoryStore, replayHistory, type HistoryStore } from "@tributary/history/load";
import { startStack, type Stack } from "@tributary/stack";
import { hasRedisServer, startRedisServer } from "@tributary/subgraph-testing";
import { expect, it } from "vitest";
import { createShop, textOf } from "../ordering/ordering.fixture.ts";
import { askApi } from "../support/api.ts";
import { untilHistoriesAreWhole } from "../support/history.ts";

/*
 * The figures of the README: a customer's history from the view, and the same put together by the gateway from three
 * services: calls, SQL statements, time, and how far the view is behind. Both in one run, one after the other, in turns.
 */

const ROUNDS = 5;
const REQUESTS = 100;
const ORDERS = 40;
const LONG = 100_000;

const COMPOSED = `query Composed($id: ID!, $first: Int! = 20) {
  customer(id: $id) {
    id number name status updatedAt
    orders(first: $first) {
      nodes {
        id number status paymentTerms total { amountMinor currency formatted } placedAt fulfilledAt rejectionReason
        lines { lineNumber productCode productName quantity unitPrice { formatted } total { formatted } }
        payments(first: 1) { nodes { ...P } }
      }
      pageInfo { hasNextPage endCursor } totalCount
    }
    payments(first: $first) { nodes { ...P order { id } } pageInfo { hasNextPage endCursor } totalCount }
  }
}
fragment P on Payment {
  id reference status method amount { formatted } captured { formatted } refunded { formatted } requestedAt
  ledger { type amount { formatted } reason occurredAt }
}`;
/** Fifty customers at once: what a list shows beside each. */
const MANY_COMPOSED = `query ManyComposed { customers(first: 50) { nodes { id name status
  orders(first: 5) { totalCount nodes { number status total { formatted } lines { productName } payments(first: 1) { nodes { status } } } }
  payments(first: 5) { totalCount nodes { status amount { formatted } } } } } }`;
const MANY = `query ManyFromView { customers(first: 50) { nodes { id history { name status orderCount paymentCount
  entries(first: 10) { nodes { order { number status total { formatted } lines { productName } payments { status } } payment { status amount { formatted } } } } } } } }`;

const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? NaN;
const ms = (value: number) => `${value.toFixed(1)} ms`;

async function timesOf(work: () => Promise<unknown>, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

/** What the services logged of one request: how many they answered, and by how many statements. */
async function costOf({ subgraphs }: Stack, ask: () => Promise<unknown>): Promise<string> {
  const seen = () =>
    Object.entries(subgraphs).map(([name, child]) => {
      const lines = child.logs().map((line) => JSON.parse(line) as { msg?: string; sqlStatements?: number });
      const requests = lines.filter(({ msg }) => msg === "request");
      const statements = requests.reduce((sum, { sqlStatements = 0 }) => sum + sqlStatements, 0);
      return { name, calls: requests.length, statements };
    });
  await new Promise((done) => setTimeout(done, 300));
  const before = seen();
  await ask();
  await new Promise((done) => setTimeout(done, 300));
  return seen()
    .map(({ name, calls, statements }, index) => ({
      name,
      calls: calls - before[index]!.calls,
      statements: statements - before[index]!.statements,
    }))
    .filter(({ calls }) => calls > 0)
    .map(({ name, calls, statements }) => `${name} ${calls}/${statements}`)
    .join(", ");
}

/** How long after an order's own service the view shows it as CONFIRMED, in milliseconds. */
async function staleness(stack: Stack): Promise<number[]> {
  const shop = createShop(stack, await stack.token("admin"));
  const buyer = await shop.newBuyer(1_000_000_000);
  const behind: number[] = [];
  const query = `query ($id: ID!) { order(id: $id) { status historyEntry { status } } }`;
  const admin = await stack.token("admin");
  for (let index = 0; index < ORDERS; index++) {
    const { answer } = await shop.mutate(buyer.token, "place-order", {
      lines: [{ productCode: "P-0001", quantity: 1 }],
    });
    const { id } = (answer as { order: { id: string } }).order;
    let own = 0;
    for (;;) {
      const { data } = await askApi(stack.gatewayUrl, admin, { query, variables: { id } });
      const { status, historyEntry } = data.order as {
        status: string;
        historyEntry: { status: string } | null;
      };
      if (own === 0 && ["CONFIRMED", "REJECTED"].includes(status)) own = performance.now();
      if (own > 0 && historyEntry?.status === status) break;
    }
    behind.push(performance.now() - own);
  }
  return behind;
}

/** A customer with so many orders: what a page and an event cost then. */
async function longHistory(store: HistoryStore, orders: number): Promise<{ read: number; event: number }> {
  const customerId = randomUUID();
  const apply = (entries: readonly { id: string; index: number; version: number }[]) =>
    store.transaction(async (transaction) => {
      const messageId = randomUUID();
      await store.claim(transaction, "history", [messageId]);
      transaction.apply(
        messageId,
        entries.map(({ id, index, version }) => ({
          ...{ customerId, entryId: id, part: "order", version, value: { index, text: "x".repeat(500) } },
          listedAt: new Date(Date.UTC(2020, 0, 1) + index * 60_000).toISOString(),
          ...{ changedAt: new Date().toISOString(), counts: "orders" as const, held: null },
        })),
      );
    });
  const all = Array.from({ length: orders }, (_, index) => ({ id: randomUUID(), index, version: 1 }));
  for (let start = 0; start < orders; start += 500) await apply(all.slice(start, start + 500));
  const some = all[Math.floor(orders / 2)]!;
  let version = 1;
  const event = await timesOf(() => apply([{ ...some, version: ++version }]), 200);
  const read = await timesOf(() => store.read([customerId], { first: 21, after: null }), 200);
  return { read: quantile(read, 0.5), event: quantile(event, 0.5) };
}

it.each(hasRedisServer ? ["postgres", "redis"] : ["postgres"])(
  "measures histories in %s",
  async (kind) => {
    const redis = kind === "redis" ? await startRedisServer("always") : null;
    const stack = await startStack({
      seedCustomers: 1000,
      env: {
        SIMULATED_PROVIDER_DECLINE: "0",
        ...(redis && { HISTORY_STORE: "redis", HISTORY_REDIS_URL: redis.url }),
      },
    });
    const store = openHistoryStore(stack.databases.history);
    try {
      await untilHistoriesAreWhole(stack);
      const token = await stack.token("admin");
      const variables = { id: stack.sampleCustomerId, first: 20 };
      const ask = (query: string, given: object) => async () => {
        const answer = await askApi(stack.gatewayUrl, token, { query, variables: { ...given } });
        expect(answer.errors).toEqual([]);
        return answer;
      };
      const ways = {
        "one customer, composed": ask(COMPOSED, variables),
        "one customer, from the view": ask(textOf("customer-history"), variables),
        "50 customers, composed": ask(MANY_COMPOSED, {}),
        "50 customers, from the view": ask(MANY, {}),
      };
      const times = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[][]]));
      for (const way of Object.values(ways)) await timesOf(way, 50);
      for (let round = 0; round < ROUNDS; round++)
        for (const [name, way] of Object.entries(ways)) times[name]!.push(await timesOf(way, REQUESTS));

      console.log(`histories in ${kind}: median over ${ROUNDS} rounds of ${REQUESTS} requests`);
      for (const [name, way] of Object.entries(ways)) {
        const of = (q: number) =>
          quantile(
            times[name]!.map((round) => quantile(round, q)),
            0.5,
          );
        const size = (JSON.stringify(await way()).length / 1024).toFixed(1);
        const cost = await costOf(stack, way);
        console.log(
          `${name.padEnd(30)} p50 ${ms(of(0.5))}, p99 ${ms(of(0.99))}, ${size} KB; calls/statements: ${cost}`,
        );
      }
      const behind = await staleness(stack);
      console.log(
        `behind the order's own service   p50 ${ms(quantile(behind, 0.5))}, p99 ${ms(quantile(behind, 0.99))}`,
      );

      const start = performance.now();
      const { read } = await replayHistory(store, { checkOnly: false, onDifference() {} });
      console.log(
        `made anew from ${JSON.stringify(read)} in ${((performance.now() - start) / 1_000).toFixed(1)} s`,
      );
      for (const orders of [10, LONG]) {
        const cost = await longHistory(store, orders);
        console.log(`a customer with ${orders} orders: a page ${ms(cost.read)}, an event ${ms(cost.event)}`);
      }
    } finally {
      await store.close();
      await stack.stop();
      await redis?.stop();
    }
  },
  600_000,
);
