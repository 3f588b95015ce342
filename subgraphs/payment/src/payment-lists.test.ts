import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { inOrder, insertPayments, makePayments, type TestPayment } from "./payments.fixture.ts";

const [alice, bob] = [randomUUID(), randomUUID()];
const ofAlice = makePayments(alice, "A", 23);
const ofBob = makePayments(bob, "B", 9);
const all = [...ofAlice, ...ofBob];
const references = (payments: readonly { reference: string | null }[]) =>
  payments.map(({ reference }) => reference);

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("payment");
  await insertPayments(database, all);
  subgraph = await startTestSubgraph("payment", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const PAGE = `query ($alice: _Any!, $filter: PaymentFilter, $orderBy: PaymentOrderBy!, $after: String, $first: Int!) {
  _entities(representations: [$alice]) { ... on Customer {
    payments(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount nodes { reference } edges { cursor node { reference } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  } }
}`;

/** Asks for a page of a customer's payments, as the gateway does. */
async function pageOfAlice(variables: Record<string, unknown>) {
  const { data, errors } = await subgraph.ask(people.support, PAGE, {
    alice: { __typename: "Customer", id: alice },
    ...variables,
  });
  expect(errors).toEqual([]);
  return data._entities[0].payments;
}

async function filtered(filter: Record<string, unknown>): Promise<string[]> {
  const orderBy = { field: "REQUESTED_AT", direction: "DESC" };
  const payments = await pageOfAlice({ first: 100, orderBy, filter });
  expect(payments.totalCount).toBe(payments.nodes.length);
  return payments.nodes.map(({ reference }: { reference: string }) => reference);
}

const where = (holds: (payment: TestPayment) => boolean) =>
  references(inOrder(ofAlice.filter(holds), (payment) => payment.requested_at, "DESC"));

describe("a page of payments", () => {
  it.each([
    ["REQUESTED_AT", "DESC", (payment: TestPayment) => payment.requested_at],
    ["REQUESTED_AT", "ASC", (payment: TestPayment) => payment.requested_at],
    ["AMOUNT", "DESC", (payment: TestPayment) => payment.amount_minor],
    ["AMOUNT", "ASC", (payment: TestPayment) => payment.amount_minor],
  ] as const)(
    "follows the one before it, by %s %s, until all were there once",
    async (field, direction, pick) => {
      const seen: (string | null)[] = [];
      let after: string | null = null;
      for (let page = 0; page < 5; page++) {
        const payments = await pageOfAlice({ first: 5, after, orderBy: { field, direction } });
        seen.push(...references(payments.nodes));
        expect(payments.edges.map((edge: { node: unknown }) => edge.node)).toEqual(payments.nodes);
        expect(payments.totalCount).toBe(23);
        expect(payments.pageInfo).toEqual({
          hasNextPage: page < 4,
          hasPreviousPage: page > 0,
          startCursor: payments.edges[0].cursor,
          endCursor: payments.edges.at(-1).cursor,
        });
        after = payments.pageInfo.endCursor;
      }
      expect(seen).toEqual(references(inOrder(ofAlice, pick, direction)));
    },
  );

  it("starts after any cursor, and is empty after the last one", async () => {
    const orderBy = { field: "AMOUNT", direction: "DESC" };
    const expected = references(inOrder(ofAlice, (payment) => payment.amount_minor, "DESC"));
    const payments = await pageOfAlice({ first: 100, orderBy });
    expect(payments.pageInfo.hasNextPage).toBe(false);
    const third = await pageOfAlice({ first: 2, after: payments.edges[2].cursor, orderBy });
    expect(references(third.nodes)).toEqual(expected.slice(3, 5));
    const past = await pageOfAlice({ first: 2, after: payments.pageInfo.endCursor, orderBy });
    expect(past).toEqual({
      totalCount: 23,
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it("lists the payments of all customers for staff, newest first unless told otherwise", async () => {
    const seen: (string | null)[] = [];
    let after: string | null = null;
    do {
      const { data } = await subgraph.ask(
        people.finance,
        "query ($after: String) { payments(first: 9, after: $after) { totalCount nodes { reference } pageInfo { hasNextPage endCursor } } }",
        { after },
      );
      expect(data.payments.totalCount).toBe(all.length);
      seen.push(...references(data.payments.nodes));
      after = data.payments.pageInfo.hasNextPage ? data.payments.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(references(inOrder(all, (payment) => payment.requested_at, "DESC")));
  });

  it("of an order holds the payment for it, if there is one and the filter leaves it", async () => {
    const [paid, unpaid] = [ofAlice[0]!.order_id, randomUUID()];
    const { data, errors } = await subgraph.ask(
      people.support,
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Order {
        payments { totalCount nodes { reference } pageInfo { hasNextPage } }
        voided: payments(filter: { status: [VOIDED] }) { totalCount nodes { reference } }
      } } }`,
      { of: [paid, unpaid, paid].map((id) => ({ __typename: "Order", id })) },
    );
    expect(errors).toEqual([]);
    const page = (nodes: object[]) => ({ totalCount: nodes.length, nodes });
    const ofPaid = {
      payments: { ...page([{ reference: "A-0" }]), pageInfo: { hasNextPage: false } },
      voided: page([]),
    };
    expect(data._entities).toEqual([
      ofPaid,
      { payments: { ...page([]), pageInfo: { hasNextPage: false } }, voided: page([]) },
      ofPaid,
    ]);
  });

  it.each([-1, 0, 101])("of %i payments is refused", async (first) => {
    const { data, errors } = await subgraph.ask(
      people.support,
      `{ payments(first: ${first}) { totalCount } }`,
    );
    expect(data).toEqual({ payments: null });
    expect(errors[0]).toMatchObject({
      path: ["payments"],
      extensions: { code: "PAGE_SIZE_OUT_OF_RANGE", max: 100 },
    });
  });

  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
  const moment = "2024-01-01T00:00:00.000Z";
  it.each([
    ["no cursor", "not a cursor"],
    ["the empty text", ""],
    ["another ordering", cursor("AMOUNT", "DESC", "1000", randomUUID())],
    ["another direction", cursor("REQUESTED_AT", "ASC", moment, randomUUID())],
    ["a day that is none", cursor("REQUESTED_AT", "DESC", "2024-02-30T00:00:00.000Z", randomUUID())],
    ["a value of another type", cursor("REQUESTED_AT", "DESC", "1000", randomUUID())],
    ["SQL in place of an id", cursor("REQUESTED_AT", "DESC", moment, "' OR true --")],
    ["a place too few", cursor("REQUESTED_AT", "DESC", moment)],
  ])("after a cursor of %s is refused", async (_, after) => {
    const { data, errors } = await subgraph.ask(
      people.support,
      "query ($after: String) { payments(after: $after) { totalCount } }",
      { after },
    );
    expect(data).toEqual({ payments: null });
    expect(errors[0]?.extensions.code).toBe("INVALID_CURSOR");
  });
});

describe("a filter", () => {
  it("by status takes any of those named, and none where none is named", async () => {
    const statuses = ["CAPTURED", "VOIDED"];
    expect(await filtered({ status: statuses })).toEqual(where(({ status }) => statuses.includes(status)));
    expect(await filtered({ status: [] })).toEqual([]);
    expect(await filtered({ status: null })).toHaveLength(23);
  });

  it("by time takes the first moment and leaves the last one out", async () => {
    const [from, to] = ["2024-01-02T12:00:00.000Z", "2024-01-04T12:00:00.000Z"];
    expect(await filtered({ requestedAt: { from, to } })).toEqual(
      where(({ requested_at }) => requested_at >= from && requested_at < to),
    );
    expect(await filtered({ requestedAt: { from } })).toEqual(
      where(({ requested_at }) => requested_at >= from),
    );
    expect(await filtered({ requestedAt: { to } })).toEqual(where(({ requested_at }) => requested_at < to));
    expect(await filtered({ requestedAt: {} })).toHaveLength(23);
    // The same moment, as somebody east of us writes it.
    expect(await filtered({ requestedAt: { to: "2024-01-04T17:30:00+05:30" } })).toEqual(
      where(({ requested_at }) => requested_at < to),
    );
  });

  it("by time takes moments that PostgreSQL has no year for", async () => {
    const [from, to] = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"];
    expect(await filtered({ requestedAt: { from, to } })).toHaveLength(23);
    expect(await filtered({ requestedAt: { from: to, to: from } })).toEqual([]);
  });

  it("by amount takes both ends", async () => {
    const [minMinor, maxMinor] = [1_250, 1_500];
    expect(await filtered({ amount: { minMinor, maxMinor } })).toEqual(
      where(({ amount_minor }) => amount_minor >= minMinor && amount_minor <= maxMinor),
    );
    expect(await filtered({ amount: { minMinor } })).toEqual(
      where(({ amount_minor }) => amount_minor >= minMinor),
    );
    expect(await filtered({ amount: { maxMinor: -1 } })).toEqual([]);
    expect(await filtered({ amount: { maxMinor: Number.MAX_SAFE_INTEGER } })).toHaveLength(23);
  });

  it("by reference takes the one that has it to the letter", async () => {
    expect(await filtered({ reference: "A-1" })).toEqual(["A-1"]);
    for (const reference of ["a-1", "A-", "A-%", "B-1", "", "\0", "' OR true --"]) {
      expect(await filtered({ reference })).toEqual([]);
    }
  });

  it("holds in all of its conditions, and on every page", async () => {
    const statuses = ["CAPTURED", "PARTIALLY_REFUNDED", "REFUNDED"];
    const filter = {
      status: statuses,
      amount: { minMinor: 1_250 },
      requestedAt: { from: "2024-01-02T00:00:00Z" },
    };
    const expected = references(
      inOrder(ofAlice, (payment) => payment.amount_minor, "ASC").filter(
        ({ status, amount_minor, requested_at }) =>
          statuses.includes(status) && amount_minor >= 1_250 && requested_at >= "2024-01-02",
      ),
    );
    expect(expected.length).toBeGreaterThan(2);
    const seen: (string | null)[] = [];
    let after: string | null = null;
    do {
      const page = await pageOfAlice({
        first: 2,
        after,
        filter,
        orderBy: { field: "AMOUNT", direction: "ASC" },
      });
      expect(page.totalCount).toBe(expected.length);
      seen.push(...references(page.nodes));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(expected);
  });
});
