import { randomUUID } from "node:crypto";
import type { Identity } from "@tributary/subgraph-kit/identity";
import {
  people,
  runSubgraph,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HistoryStore } from "./data/history-store.ts";
import { story } from "./data/store-contract.fixture.ts";
import { changesOf } from "./domain/projection.ts";
import { openHistoryStore } from "./load/index.ts";

let database: ContextDatabase;
let store: HistoryStore;
let subgraph: TestSubgraph;
const [alice, bob, empty] = [randomUUID(), randomUUID(), randomUUID()];
const [ofAlice, ofBob] = [story(alice), story(bob)];
const orderOf = (events: typeof ofAlice) =>
  events.find(({ aggregateType }) => aggregateType === "order")!.aggregateId;
const paymentOf = (events: typeof ofAlice) => events.at(-1)!.aggregateId;

async function live(): Promise<void> {
  const generation = await store.begin("SERVE");
  for (const { source, snapshotId } of (await store.generations())[0]!.sources) {
    await store.transaction(async (transaction) => {
      const id = randomUUID();
      await store.claim(transaction, "history", [id]);
      transaction.turnPage(id, { snapshotId, source, after: null, next: null, items: [] }, []);
    });
  }
  expect(await store.finish(generation)).toBe(true);
}

beforeAll(async () => {
  database = await startContextDatabase("history");
  store = openHistoryStore(database.url);
  await live();
  await store.transaction(async (transaction) => {
    const id = randomUUID();
    await store.claim(transaction, "history", [id]);
    transaction.apply(id, [...ofAlice, ...ofBob].flatMap(changesOf));
  });
  subgraph = await startTestSubgraph("history", { databaseUrl: database.url });
});
afterAll(async () => {
  await subgraph?.stop();
  await store?.close();
  await database?.stop();
});

const QUERY = `query ($of: [_Any!]!) { _entities(representations: $of) {
  ... on Customer { history { name orderCount entries { totalCount nodes { order { orderId } payment { paymentId } } } } }
  ... on Order { historyEntry { number payments { status } } }
  ... on Payment { historyEntry { status } }
} }`;

/** What somebody gets of Alice's, on every way that leads to it, and of Bob's. */
async function seenBy(who: Identity) {
  const of = [
    ...[alice, bob].map((id) => ({ __typename: "Customer", id })),
    { __typename: "Order", id: orderOf(ofAlice) },
    { __typename: "Payment", id: paymentOf(ofAlice) },
  ];
  const { data, errors } = await subgraph.ask(who, QUERY, { of });
  const [own, other, order, payment] = data._entities;
  return {
    own: own?.history?.entries.nodes.length ?? null,
    other: other?.history?.entries.nodes.length ?? null,
    order: order?.historyEntry?.payments.length ?? null,
    payment: payment?.historyEntry?.status ?? null,
    codes: [...new Set(errors.map(({ extensions }) => extensions.code))],
  };
}

test.each([
  [
    "a customer sees their own history alone",
    people.customer(alice),
    { own: 3, other: null, order: null, payment: null, codes: ["FORBIDDEN"] },
  ],
  [
    "support sees everybody's",
    people.support,
    { own: 3, other: 3, order: 1, payment: "AUTHORISED", codes: [] },
  ],
  [
    "finance sees everybody's",
    people.finance,
    { own: 3, other: 3, order: 1, payment: "AUTHORISED", codes: [] },
  ],
  [
    "somebody without a token sees none",
    people.anonymous,
    { own: null, other: null, order: null, payment: null, codes: ["FORBIDDEN"] },
  ],
  [
    "orders alone are not enough",
    { ...people.admin, scopes: new Set(["customer:any", "order:read"]) },
    { own: null, other: null, order: null, payment: null, codes: ["FORBIDDEN"] },
  ],
] as const)("%s", async (_, who, expected) => {
  expect(await seenBy(who)).toEqual(expected);
});

test("credit is for those who may read it, and an order's for staff of theirs", async () => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { history {
    creditLimit { formatted } creditHeld { amountMinor } entries { nodes { order { creditReservation { status version } } } } } } } }`;
  const ask = (who: Identity) => subgraph.ask(who, query, { of: [{ __typename: "Customer", id: alice }] });
  const seen = ({ data }: Awaited<ReturnType<typeof ask>>) => {
    const { creditLimit, creditHeld, entries } = data._entities[0].history;
    return [
      creditLimit?.formatted,
      creditHeld?.amountMinor,
      entries.nodes.map(
        (node: { order: { creditReservation: { status: string } | null } | null }) =>
          node.order?.creditReservation?.status,
      ),
    ];
  };
  const none = [undefined, undefined, undefined];
  expect(seen(await ask(people.finance))).toEqual([
    "$2.00",
    9007199254740991,
    [undefined, "RELEASED", "HELD"],
  ]);
  expect(seen(await ask(people.support))).toEqual([undefined, undefined, none]);
  expect(seen(await ask(people.customer(alice)))).toEqual(["$2.00", 9007199254740991, none]);
});

test("head and page are one statement, for one customer and for many, also behind fragments and aliases", async () => {
  const of = [alice, bob, empty, "no id"].map((id) => ({ __typename: "Customer", id }));
  const query = `query ($of: [_Any!]!, $first: Int!) { _entities(representations: $of) { ... on Customer { ...H } } }
    fragment H on Customer { history { name ...E } } fragment E on CustomerHistory { page: entries(first: $first) { totalCount nodes { at } pageInfo { hasNextPage endCursor } } }`;
  const one = await subgraph.ask(people.admin, query, { of: of.slice(0, 1), first: 2 });
  expect(one.sqlStatements).toBe(1);
  const many = await subgraph.ask(people.admin, query, { of, first: 2 });
  expect(many.errors).toEqual([]);
  expect(many.sqlStatements).toBe(1);
  const { page } = many.data._entities[1].history;
  expect(page).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  expect(page.nodes).toHaveLength(2);
  expect(many.data._entities.slice(2)).toEqual([{ history: null }, { history: null }]);

  const next = await subgraph.ask(
    people.admin,
    `query ($of: [_Any!]!, $after: String) { _entities(representations: $of) { ... on Customer { history {
      rest: entries(first: 2, after: $after) { nodes { at } pageInfo { hasNextPage hasPreviousPage } } other: entries(first: 1) { nodes { at } } } } } }`,
    { of: of.slice(1, 2), after: page.pageInfo.endCursor },
  );
  expect(next.errors).toEqual([]);
  const { rest, other } = next.data._entities[0].history;
  expect(rest).toMatchObject({ nodes: [{}], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  expect(other.nodes).toHaveLength(1);
});

test.each([
  ["first: 0", "PAGE_SIZE_OUT_OF_RANGE"],
  ["first: 101", "PAGE_SIZE_OUT_OF_RANGE"],
  ['after: "nonsense"', "INVALID_CURSOR"],
])("entries(%s) is refused there, and costs nothing else of the history's parent", async (args, code) => {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { id history { name entries(${args}) { totalCount } } } } }`;
  const { data, errors } = await subgraph.ask(people.admin, query, {
    of: [{ __typename: "Customer", id: alice }],
  });
  expect(errors.map(({ extensions, path }) => [extensions.code, path?.at(-1)])).toEqual([[code, "entries"]]);
  expect(data._entities[0]).toEqual({ id: alice, history: null });
});

test("without a view the field is null, and says that it is being made", async () => {
  await database.query("UPDATE generations SET status = 'BUILDING' WHERE status = 'LIVE'");
  await database.query("UPDATE source_progress SET is_done = false");
  const { data, errors } = await subgraph.ask(people.admin, QUERY, {
    of: [{ __typename: "Customer", id: alice }],
  });
  expect(data._entities).toEqual([{ history: null }]);
  expect(errors[0]?.extensions).toMatchObject({ code: "HISTORY_UNAVAILABLE", retryAfter: 5 });
  await database.query("UPDATE source_progress SET is_done = true");
  await expect.poll(async () => (await store.generations())[0]?.status).toBe("LIVE");
});

test.each([
  [{ HISTORY_STORE: "mongo" }, ["HISTORY_STORE: must be postgres or redis", "DATABASE_URL"]],
  [{ HISTORY_STORE: "redis" }, ["HISTORY_REDIS_URL"]],
  [
    { HISTORY_STORE: "redis", HISTORY_REDIS_URL: "http://x" },
    ["HISTORY_REDIS_URL: must be a URL such as redis://"],
  ],
] as const)("%j is refused with every fault", async (env, faults) => {
  const { code, stderr } = await runSubgraph("history", env);
  expect(code).toBe(2);
  for (const fault of [...faults, "IDENTITY_JWKS"]) expect(stderr).toContain(fault);
  expect(stderr).not.toContain("    at ");
});
