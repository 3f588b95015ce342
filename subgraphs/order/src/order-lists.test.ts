import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { inOrder, insertOrders, makeOrders, type TestOrder } from "./orders.fixture.ts";

const [alice, bob] = [randomUUID(), randomUUID()];
const ofAlice = makeOrders(alice, "A", 23);
const ofBob = makeOrders(bob, "B", 9);
const all = [...ofAlice, ...ofBob];
const numbers = (orders: readonly { number: string }[]) => orders.map(({ number }) => number);

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("order");
  await insertOrders(database, all);
  subgraph = await startTestSubgraph("order", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

/** Asks for a page of a customer's orders, as the gateway does. */
async function pageOfAlice(variables: Record<string, unknown>) {
  const { data, errors } = await subgraph.ask(people.support, PAGE, {
    alice: { __typename: "Customer", id: alice },
    ...variables,
  });
  expect(errors).toEqual([]);
  return data._entities[0].orders;
}

const PAGE = `query ($alice: _Any!, $filter: OrderFilter, $orderBy: OrderOrderBy!, $after: String, $first: Int!) {
  _entities(representations: [$alice]) { ... on Customer {
    orders(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount nodes { number } edges { cursor node { number } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  } }
}`;

async function filtered(filter: Record<string, unknown>): Promise<string[]> {
  const orderBy = { field: "PLACED_AT", direction: "DESC" };
  const orders = await pageOfAlice({ first: 100, orderBy, filter });
  expect(orders.totalCount).toBe(orders.nodes.length);
  return numbers(orders.nodes);
}

const where = (holds: (order: TestOrder) => boolean) =>
  numbers(inOrder(ofAlice.filter(holds), (order) => order.placed_at, "DESC"));

describe("a page of orders", () => {
  const orderings = [
    ["PLACED_AT", "DESC", (order: TestOrder) => order.placed_at],
    ["PLACED_AT", "ASC", (order: TestOrder) => order.placed_at],
    ["TOTAL", "DESC", (order: TestOrder) => order.total_minor],
    ["TOTAL", "ASC", (order: TestOrder) => order.total_minor],
  ] as const;

  it.each(orderings)(
    "follows the one before it, by %s %s, until all were there once",
    async (field, direction, pick) => {
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 5; page++) {
        const orders = await pageOfAlice({ first: 5, after, orderBy: { field, direction } });
        seen.push(...numbers(orders.nodes));
        expect(orders.edges.map((edge: { node: unknown }) => edge.node)).toEqual(orders.nodes);
        expect(orders.totalCount).toBe(23);
        expect(orders.pageInfo).toEqual({
          hasNextPage: page < 4,
          hasPreviousPage: page > 0,
          startCursor: orders.edges[0].cursor,
          endCursor: orders.edges.at(-1).cursor,
        });
        after = orders.pageInfo.endCursor;
      }
      expect(seen).toEqual(numbers(inOrder(ofAlice, pick, direction)));
    },
  );

  it("starts after any cursor, and is empty after the last one", async () => {
    const orderBy = { field: "TOTAL", direction: "DESC" };
    const expected = numbers(inOrder(ofAlice, (order) => order.total_minor, "DESC"));
    const orders = await pageOfAlice({ first: 100, orderBy });
    expect(orders.pageInfo.hasNextPage).toBe(false);
    const third = await pageOfAlice({ first: 2, after: orders.edges[2].cursor, orderBy });
    expect(numbers(third.nodes)).toEqual(expected.slice(3, 5));
    const past = await pageOfAlice({ first: 2, after: orders.pageInfo.endCursor, orderBy });
    expect(past).toEqual({
      totalCount: 23,
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it("lists the orders of all customers for staff, newest first unless told otherwise", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data } = await subgraph.ask(
        people.finance,
        "query ($after: String) { orders(first: 9, after: $after) { totalCount nodes { number } pageInfo { hasNextPage endCursor } } }",
        { after },
      );
      expect(data.orders.totalCount).toBe(all.length);
      seen.push(...numbers(data.orders.nodes));
      after = data.orders.pageInfo.hasNextPage ? data.orders.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(numbers(inOrder(all, (order) => order.placed_at, "DESC")));
  });

  it("lists and counts what a filter leaves of the orders of all customers, in another order", async () => {
    const { data } = await subgraph.ask(
      people.finance,
      `{ orders(first: 100, filter: { status: [CANCELLED] }, orderBy: { field: TOTAL, direction: ASC }) { totalCount nodes { number } } }`,
    );
    const cancelled = all.filter(({ status }) => status === "CANCELLED");
    expect(data.orders).toEqual({
      totalCount: cancelled.length,
      nodes: inOrder(cancelled, (order) => order.total_minor, "ASC").map(({ number }) => ({ number })),
    });
  });

  it.each([-1, 0, 101])("of %i orders is refused", async (first) => {
    const { data, errors } = await subgraph.ask(people.support, `{ orders(first: ${first}) { totalCount } }`);
    expect(data).toEqual({ orders: null });
    expect(errors[0]).toMatchObject({
      path: ["orders"],
      extensions: { code: "PAGE_SIZE_OUT_OF_RANGE", max: 100 },
    });
  });

  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
  const moment = "2024-01-01T00:00:00.000Z";
  it.each([
    ["no cursor", "not a cursor"],
    ["the empty text", ""],
    ["another ordering", cursor("TOTAL", "DESC", "1000", randomUUID())],
    ["another direction", cursor("PLACED_AT", "ASC", moment, randomUUID())],
    ["a day that is none", cursor("PLACED_AT", "DESC", "2024-02-30T00:00:00.000Z", randomUUID())],
    ["a year that is none", cursor("PLACED_AT", "DESC", "0000-01-01T00:00:00.000Z", randomUUID())],
    ["a value of another type", cursor("PLACED_AT", "DESC", "1000", randomUUID())],
    ["SQL in place of an id", cursor("PLACED_AT", "DESC", moment, "' OR true --")],
    ["a place too few", cursor("PLACED_AT", "DESC", moment)],
  ])("after a cursor of %s is refused", async (_, after) => {
    const { data, errors } = await subgraph.ask(
      people.support,
      "query ($after: String) { orders(after: $after) { totalCount } }",
      { after },
    );
    expect(data).toEqual({ orders: null });
    expect(errors[0]?.extensions.code).toBe("INVALID_CURSOR");
  });
});

describe("a filter", () => {
  it("by status takes any of those named, and none where none is named", async () => {
    const statuses = ["FULFILLED", "CANCELLED"];
    expect(await filtered({ status: statuses })).toEqual(where(({ status }) => statuses.includes(status)));
    expect(await filtered({ status: [] })).toEqual([]);
    expect(await filtered({ status: null })).toHaveLength(23);
  });

  it("by time takes the first moment and leaves the last one out", async () => {
    const [from, to] = ["2024-01-02T12:00:00.000Z", "2024-01-04T12:00:00.000Z"];
    expect(await filtered({ placedAt: { from, to } })).toEqual(
      where(({ placed_at }) => placed_at >= from && placed_at < to),
    );
    expect(await filtered({ placedAt: { from } })).toEqual(where(({ placed_at }) => placed_at >= from));
    expect(await filtered({ placedAt: { to } })).toEqual(where(({ placed_at }) => placed_at < to));
    expect(await filtered({ placedAt: {} })).toHaveLength(23);
    // The same moment, as somebody east of us writes it.
    expect(await filtered({ placedAt: { to: "2024-01-04T17:30:00+05:30" } })).toEqual(
      where(({ placed_at }) => placed_at < to),
    );
  });

  it("by time takes moments that PostgreSQL has no year for", async () => {
    const [from, to] = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"];
    expect(await filtered({ placedAt: { from, to } })).toHaveLength(23);
    expect(await filtered({ placedAt: { from: to, to: from } })).toEqual([]);
  });

  it("by amount takes both ends", async () => {
    const minMinor = 1_250;
    const maxMinor = 1_500;
    expect(await filtered({ total: { minMinor, maxMinor } })).toEqual(
      where(({ total_minor }) => total_minor >= minMinor && total_minor <= maxMinor),
    );
    expect(await filtered({ total: { minMinor } })).toEqual(
      where(({ total_minor }) => total_minor >= minMinor),
    );
    expect(await filtered({ total: { maxMinor: -1 } })).toEqual([]);
    expect(await filtered({ total: { maxMinor: Number.MAX_SAFE_INTEGER } })).toHaveLength(23);
  });

  it("holds in all of its conditions, and on every page", async () => {
    const filter = {
      status: ["PENDING", "CONFIRMED"],
      total: { minMinor: 1_250 },
      placedAt: { from: "2024-01-02T00:00:00Z" },
    };
    const expected = where(
      (order) =>
        filter.status.includes(order.status) &&
        order.total_minor >= 1_250 &&
        order.placed_at >= filter.placedAt.from,
    );
    expect(expected.length).toBeGreaterThan(1);
    expect(await filtered(filter)).toEqual(expected);
    const orderBy = { field: "PLACED_AT", direction: "DESC" };
    const first = await pageOfAlice({ first: 1, orderBy, filter });
    const second = await pageOfAlice({
      first: 100,
      orderBy,
      filter,
      after: first.pageInfo.endCursor,
    });
    expect([first, second].map(({ totalCount }) => totalCount)).toEqual([expected.length, expected.length]);
    expect([...numbers(first.nodes), ...numbers(second.nodes)]).toEqual(expected);
  });
});
