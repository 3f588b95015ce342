import { afterAll, beforeAll, expect, test } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertCustomers, makeCustomers, type TestCustomer } from "./customers.fixture.ts";

let database: ContextDatabase;
let subgraph: TestSubgraph;
let customers: TestCustomer[];

beforeAll(async () => {
  database = await startContextDatabase("customer");
  customers = makeCustomers(53);
  await insertCustomers(database, customers);
  subgraph = await startTestSubgraph("customer", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

const list = `query ($first: Int, $after: String, $filter: CustomerFilter, $orderBy: CustomerOrderBy) {
  customers(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount
    edges { cursor node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function idsOf(filter: object): Promise<string[]> {
  const { data, errors } = await subgraph.ask(people.admin, list, { first: 100, filter });
  expect(errors).toEqual([]);
  const ids = data.customers.nodes.map(({ id }: { id: string }) => id);
  expect(data.customers.totalCount).toBe(ids.length);
  return ids.toSorted();
}

const expected = (keep: (customer: TestCustomer) => boolean) =>
  customers
    .filter(keep)
    .map(({ id }) => id)
    .toSorted();

const orders = (["NAME", "NUMBER", "CREATED_AT"] as const).flatMap((field) =>
  (["ASC", "DESC"] as const).map((direction) => ({ field, direction })),
);

test.each(orders)("all pages by $field $direction are the whole list in order", async (orderBy) => {
  const key = ({ name, number, created_at }: TestCustomer) =>
    ({ NAME: name, NUMBER: number, CREATED_AT: created_at })[orderBy.field];
  const sign = orderBy.direction === "ASC" ? 1 : -1;
  const inOrder = customers
    .toSorted((a, b) => {
      // By code point, which UTF-8's bytes keep.
      const byKey = Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b)));
      return sign * (byKey === 0 ? Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) : byKey);
    })
    .map(({ id }) => id);

  const read: string[] = [];
  let after: string | null = null;
  for (;;) {
    const { data, errors } = await subgraph.ask(people.admin, list, { first: 7, after, orderBy });
    expect(errors).toEqual([]);
    const { edges, nodes, pageInfo, totalCount } = data.customers;
    expect(edges.map(({ node }: { node: unknown }) => node)).toEqual(nodes);
    expect(totalCount).toBe(customers.length);
    expect(pageInfo).toMatchObject({
      hasPreviousPage: after !== null,
      startCursor: edges[0].cursor,
      endCursor: edges.at(-1).cursor,
    });
    read.push(...nodes.map(({ id }: { id: string }) => id));
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  expect(read).toEqual(inOrder);
});

test("the list is by name, 20 at a time, unless asked otherwise", async () => {
  const { data } = await subgraph.ask(people.admin, "{ customers { nodes { name } } }");
  const names = data.customers.nodes.map(({ name }: { name: string }) => name);
  expect(names).toHaveLength(20);
  expect(names.slice(0, 7)).toEqual(Array(7).fill("100 Wool"));
});

test.each([
  ["one status", { status: ["CLOSED"] }, ({ status }: TestCustomer) => status === "CLOSED"],
  ["two statuses", { status: ["ACTIVE", "SUSPENDED"] }, ({ status }: TestCustomer) => status !== "CLOSED"],
  ["no status at all", { status: [] }, () => false],
  ["a country", { country: "Japan" }, ({ country }: TestCustomer) => country === "Japan"],
  ["a country that is none", { country: "japan" }, () => false],
  [
    "a part of the name, in any case",
    { nameContains: "ALPH" },
    ({ name }: TestCustomer) => /alpha/i.test(name),
  ],
  [
    "a letter beyond ASCII, in any case",
    { nameContains: "öL" },
    ({ name }: TestCustomer) => name === "Öl & Co",
  ],
  ["a % that is no wildcard", { nameContains: "100%" }, ({ name }: TestCustomer) => name === "100% Wool"],
  ["a _ that is no wildcard", { nameContains: "w_f" }, ({ name }: TestCustomer) => name === "Snow_Flake"],
  ["a backslash", { nameContains: "k\\s" }, ({ name }: TestCustomer) => name.includes("\\")],
  ["a name with a quote in it", { nameContains: "' OR true --" }, () => false],
  ["a name with a NUL in it", { nameContains: "\0" }, () => false],
  ["a country with a NUL in it", { country: "\0" }, () => false],
  [
    "a span of time, the first moment in and the last one out",
    { createdAt: { from: "2024-01-02T00:00:00Z", to: "2024-01-04T00:00:00Z" } },
    ({ created_at }: TestCustomer) => created_at >= "2024-01-02" && created_at < "2024-01-04",
  ],
  [
    "a span in another time zone",
    { createdAt: { from: "2024-01-05T02:00:00+02:00" } },
    ({ created_at }: TestCustomer) => created_at >= "2024-01-05",
  ],
  [
    "all time since a year that PostgreSQL does not know",
    { createdAt: { from: "0000-01-01T00:00:00Z" } },
    () => true,
  ],
  [
    "several conditions at once",
    { status: ["ACTIVE"], country: "France", nameContains: "a", createdAt: { to: "2024-01-03T00:00:00Z" } },
    ({ status, country, name, created_at }: TestCustomer) =>
      status === "ACTIVE" && country === "France" && /a/i.test(name) && created_at < "2024-01-03",
  ],
  [
    "conditions that are null",
    { status: null, country: null, nameContains: null, createdAt: { from: null, to: null } },
    () => true,
  ],
])("a filter of %s leaves the customers that fit it", async (_what, filter, keep) => {
  expect(await idsOf(filter)).toEqual(expected(keep));
});

test.each([101, 0, -1])("first: %i is refused with the range that is allowed", async (first) => {
  const { data, errors } = await subgraph.ask(people.admin, list, { first });
  expect(data.customers).toBeNull();
  expect(errors).toMatchObject([
    { path: ["customers"], extensions: { code: "PAGE_SIZE_OUT_OF_RANGE", min: 1, max: 100 } },
  ]);
});

test("first: 100 is allowed", async () => {
  const { data } = await subgraph.ask(people.admin, list, { first: 100 });
  expect(data.customers.nodes).toHaveLength(customers.length);
});

test("a cursor of another order is refused", async () => {
  const { data } = await subgraph.ask(people.admin, list, { first: 1 });
  const after = data.customers.pageInfo.endCursor;
  const orderBy = { field: "NAME", direction: "DESC" };
  const { errors } = await subgraph.ask(people.admin, list, { first: 1, after, orderBy });
  expect(errors).toMatchObject([{ extensions: { code: "INVALID_CURSOR" } }]);
});

test("a cursor that is none is refused", async () => {
  const { errors } = await subgraph.ask(people.admin, list, { first: 1, after: "'; DROP TABLE customers" });
  expect(errors).toMatchObject([{ extensions: { code: "INVALID_CURSOR" } }]);
});

test("a page that is not counted costs one statement, one that is two", async () => {
  const page = await subgraph.ask(people.admin, "{ customers(first: 50) { nodes { id } } }");
  const counted = await subgraph.ask(people.admin, "{ customers(first: 50) { totalCount nodes { id } } }");
  expect([page.sqlStatements, counted.sqlStatements]).toEqual([1, 2]);
});
