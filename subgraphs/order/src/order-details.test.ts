import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertOrders, makeOrders, type TestOrder } from "./orders.fixture.ts";

const [alice, bob, carol] = [randomUUID(), randomUUID(), randomUUID()];
const ofAlice = makeOrders(alice, "A", 23);
const ofBob = makeOrders(bob, "B", 2);

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("order");
  // A zone with half hours: a time that passes through it without care comes out wrong.
  await database.query(`ALTER ROLE CURRENT_USER SET timezone = 'Asia/Kolkata'`);
  await insertOrders(database, [...ofAlice, ...ofBob]);
  subgraph = await startTestSubgraph("order", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

describe("an order", () => {
  const FIELDS = `id number status paymentTerms sourceStatus comments placedAt requiredBy fulfilledAt version updatedAt
    customer { __typename id } total { amountMinor currency formatted }
    lines { lineNumber productCode productName quantity unitPrice { formatted } total { amountMinor currency } }
    history { version type occurredAt }`;

  it.each([0, 4])("tells all that is kept of it (%i)", async (index) => {
    const order = ofAlice[index]!;
    const { data } = await subgraph.ask(
      people.support,
      `query ($id: ID!) { order(id: $id) { ${FIELDS} } }`,
      order as never,
    );
    const seconds = (count: number) => new Date(Date.parse(order.placed_at) + count * 1000).toISOString();
    const { lines, history, ...rest } = data.order;
    expect(rest).toEqual({
      id: order.id,
      number: order.number,
      status: order.status,
      paymentTerms: order.payment_terms,
      sourceStatus: order.source_status,
      comments: order.comments,
      placedAt: order.placed_at,
      requiredBy: order.required_by,
      fulfilledAt: order.fulfilled_at,
      version: order.version,
      updatedAt: order.updated_at,
      customer: { __typename: "Customer", id: alice },
      total: {
        amountMinor: order.total_minor,
        currency: "USD",
        formatted: `$${(order.total_minor / 100).toFixed(2)}`,
      },
    });
    expect(lines).toEqual(
      [1, 2, 3].map((number) => ({
        lineNumber: number,
        productCode: `P${number}`,
        productName: `Product ${number}`,
        quantity: number * 10,
        unitPrice: { formatted: `$1.0${5 + number}` },
        total: { amountMinor: number * 10 * (105 + number), currency: "USD" },
      })),
    );
    expect(history.map((entry: { type: string }) => entry.type)).toEqual([
      "ORDER_CREATED",
      "ORDER_CREDIT_RESERVED",
      "ORDER_PAYMENT_AUTHORISED",
      "ORDER_CONFIRMED",
      "ORDER_REJECTION_STARTED",
      "ORDER_REJECTED",
      "ORDER_CANCELLATION_REQUESTED",
      "ORDER_CANCELLED",
      "ORDER_FULFILLED",
    ]);
    expect(history.map((entry: { version: number }) => entry.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(history[2].occurredAt).toBe(seconds(2));
  });

  it("is found by its number, and by its id in any case", async () => {
    const { id, number } = ofBob[1]!;
    const { data } = await subgraph.ask(
      people.support,
      "query ($id: ID!, $number: String!) { order(id: $id) { number } orderByNumber(number: $number) { id } }",
      { id: id.toUpperCase(), number },
    );
    expect(data).toEqual({ order: { number }, orderByNumber: { id } });
  });

  it.each(["nonsense", "", "\0", randomUUID(), `${ofBob[0]!.id} `, "'; DROP TABLE orders; --"])(
    "is null for an id or number that nothing has: %j",
    async (text) => {
      const { data, errors } = await subgraph.ask(
        people.support,
        `query ($id: ID!, $number: String!, $of: [_Any!]!) { order(id: $id) { number } orderByNumber(number: $number) { id }
          _entities(representations: $of) { ... on Order { number } ... on Customer { orders { totalCount nodes { id } } } } }`,
        {
          id: text,
          number: text,
          of: [
            { __typename: "Order", id: text },
            { __typename: "Order", id: ofBob[0]!.id },
            { __typename: "Customer", id: text },
          ],
        },
      );
      expect(errors).toEqual([]);
      expect(data).toEqual({
        order: null,
        orderByNumber: null,
        _entities: [null, { number: "B-0" }, { orders: { totalCount: 0, nodes: [] } }],
      });
    },
  );
});

describe("an order summary", () => {
  /** `args` of the field, such as `(currency: "EUR")`; asked as the gateway does. */
  async function summaryOf(customerId: string, args = "") {
    const { data, errors } = await subgraph.ask(
      people.support,
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { orderSummary${args} {
    currency orderCount ordered { amountMinor currency } fulfilled { amountMinor } open { amountMinor formatted }
    byStatus { status count total { amountMinor } } firstPlacedAt lastPlacedAt otherCurrencies
      } } } }`,
      { of: [{ __typename: "Customer", id: customerId }] },
    );
    expect(errors).toEqual([]);
    return data._entities[0].orderSummary;
  }

  it.each(["USD", "EUR"])("counts what is in %s and nothing else", async (currency) => {
    const summary = await summaryOf(alice, `(currency: "${currency}")`);
    const counted = ofAlice.filter((order) => order.currency === currency);
    const sum = (orders: TestOrder[]) => orders.reduce((total, order) => total + order.total_minor, 0);
    const of = (...statuses: string[]) => counted.filter(({ status }) => statuses.includes(status));
    const open = sum(of("PENDING", "CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"));
    const times = counted.map(({ placed_at }) => placed_at).toSorted();
    expect(summary).toEqual({
      currency,
      orderCount: counted.length,
      ordered: { amountMinor: open + sum(of("FULFILLED")), currency },
      fulfilled: { amountMinor: sum(of("FULFILLED")) },
      open: { amountMinor: open, formatted: `${currency === "USD" ? "$" : "€"}${(open / 100).toFixed(2)}` },
      byStatus: [
        "PENDING",
        "CREDIT_RESERVED",
        "PAYMENT_AUTHORISED",
        "CONFIRMED",
        "FULFILLED",
        "REJECTING",
        "REJECTED",
        "CANCELLING",
        "CANCELLED",
      ]
        .map((status) => ({ status, count: of(status).length, total: { amountMinor: sum(of(status)) } }))
        .filter(({ count }) => count > 0),
      firstPlacedAt: times[0],
      lastPlacedAt: times.at(-1),
      otherCurrencies: currency === "USD" ? ["EUR"] : ["USD"],
    });
  });

  it("is in USD unless told otherwise, and zero for a customer without orders", async () => {
    const summary = await summaryOf(carol);
    expect(summary).toEqual({
      currency: "USD",
      orderCount: 0,
      ordered: { amountMinor: 0, currency: "USD" },
      fulfilled: { amountMinor: 0 },
      open: { amountMinor: 0, formatted: "$0.00" },
      byStatus: [],
      firstPlacedAt: null,
      lastPlacedAt: null,
      otherCurrencies: [],
    });
  });
});
