import { expect, test } from "vitest";
import { json } from "./broken-calls.ts";
import { ask, subgraph } from "./hand-written.ts";
import { fieldsOf } from "./corrected-plan.ts";
import type { Call } from "./outcome.ts";

// Where the plans of Apollo's planner are wrong.

test("where a @requires field is asked for, the entity is asked for by a key that can be resolved", async () => {
  const { stock, ours, fast } = await ask(
    [
      subgraph(
        "a",
        `type Query { x: Int } type E @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! size: Int! }`,
      ),
      subgraph(
        "b",
        `type Query { one: E! }
         type E @key(fields: "id", resolvable: false) @key(fields: "sku") {
           id: ID! sku: String! size: Int! @external price: Int! @requires(fields: "size")
         }`,
      ),
    ],
    "{ one { price } }",
  );
  expect(ours.data).toEqual({ one: { price: expect.any(Number) as number } });
  expect(ours.errors).toBeUndefined();
  expect(ours.complaints).toEqual([]);
  expect(fast.data).toEqual(ours.data);
  expect(stock.errors?.[0]?.message).toContain("b has no resolvable key of E");
});

test("a non-resolvable key remains where a subgraph has no other, and refers to the entity elsewhere", async () => {
  const { stock, ours } = await ask(
    [
      subgraph("a", `type Query { x: Int } type E @key(fields: "id") { id: ID! size: Int! }`),
      subgraph("b", `type Query { one: E! } type E @key(fields: "id", resolvable: false) { id: ID! }`),
    ],
    "{ one { size } }",
  );
  expect(ours.data).toEqual({ one: { size: expect.any(Number) as number } });
  expect(stock.data).toEqual(ours.data);
});

const REQUIRING = [
  subgraph("a", `type Query { one: E! } type E @key(fields: "id") { id: ID! size: Int! }`),
  subgraph(
    "b",
    `type E @key(fields: "id") {
       id: ID! label: String! size: Int! @external price: Int! @requires(fields: "size")
     }`,
  ),
];

test("a field beside one with @requires is not lost where that is skipped", async () => {
  const query = "query ($with: Boolean!) { one { label price @include(if: $with) } }";
  const without = await ask(REQUIRING, query, { variables: { with: false } });
  expect(without.ours.data).toEqual({ one: { label: expect.any(String) as string } });
  expect(without.fast.data).toEqual(without.ours.data);
  expect(without.stock.data).toBeNull();
  const { stock, ours, fast } = await ask(REQUIRING, query, { variables: { with: true } });
  expect(ours.data).toEqual({
    one: { label: expect.any(String) as string, price: expect.any(Number) as number },
  });
  expect(fast.data).toEqual(ours.data);
  expect(stock.data).toEqual(ours.data);
});

test("a field of one type beside an interface object's with @requires is not lost where that is skipped", async () => {
  const media = [
    subgraph(
      "a",
      `interface Media @key(fields: "id") { id: ID! title: String! }
       type Book implements Media @key(fields: "id") { id: ID! title: String! }
       type Film implements Media @key(fields: "id") { id: ID! title: String! }`,
    ),
    subgraph("b", `type Query { one: Media! } type Media @key(fields: "id") @interfaceObject { id: ID! }`),
    subgraph(
      "c",
      `type Media @key(fields: "id") @interfaceObject {
         id: ID! score: Int! title: String! @external rated: Int! @requires(fields: "title")
       }`,
    ),
  ];
  const query = `query ($with: Boolean!) {
    one { rated @include(if: $with) ... on Book { score } ... on Film { score } }
  }`;
  const number = expect.any(Number) as number;
  const without = await ask(media, query, { variables: { with: false } });
  expect(without.ours.data).toEqual({ one: { score: number } });
  expect(without.fast.data).toEqual(without.ours.data);
  expect(without.stock.data).toBeNull();
  const { stock, ours, fast } = await ask(media, query, { variables: { with: true } });
  expect(ours.data).toEqual({ one: { rated: number, score: number } });
  expect(fast.data).toEqual(ours.data);
  expect(stock.data).toEqual(ours.data);
});

test("an object in which everything is skipped is there, with nothing in it", async () => {
  const { stock, ours, fast } = await ask(
    [subgraph("a", "type Query { box: Box! } type Box { size: Int }")],
    "query ($box: Boolean!, $size: Boolean!) { box @include(if: $box) { size @include(if: $size) } }",
    { variables: { box: true, size: false } },
  );
  expect(ours.data).toEqual({ box: {} });
  expect(fast.data).toEqual({ box: {} });
  expect(stock.data).toBeNull();
});

test("an object of which nothing is asked for, but of other types, is there, with nothing in it", async () => {
  const { stock, ours, fast } = await ask(
    [
      subgraph("a", `type Query { one: E! } type E @key(fields: "id") { id: ID! }`),
      subgraph(
        "b",
        `interface Node { size: Int } type Bag implements Node { size: Int }
         type E implements Node @key(fields: "id") { id: ID! size: Int next: E! }`,
      ),
    ],
    "query ($no: Boolean!) { one { next @skip(if: $no) { ... on Node { ... on Bag { size } } } } }",
    { variables: { no: false } },
  );
  expect(ours.data).toEqual({ one: { next: {} } });
  expect(fast.data).toEqual({ one: { next: {} } });
  expect(stock.data).toBeNull();
});

test("mutations are run in order, also those in a named fragment", async () => {
  const { stock, ours, fast } = await ask(
    [subgraph("a", "type Query { x: Int } type Mutation { make(n: Int): E! } type E { id: ID! n: Int! }")],
    "mutation { first: make(n: 1) { n } ...Others } fragment Others on Mutation { second: make(n: 2) { n } }",
  );
  const order = (text = "") => [...text.matchAll(/(\w+):make/g)].map(([, alias]) => alias);
  expect(order(ours.calls[0]?.body.query)).toEqual(["first", "second"]);
  expect(order(fast.calls[0]?.body.query)).toEqual(["first", "second"]);
  expect(order(stock.calls[0]?.body.query)).toEqual(["second", "first"]);
});

test.each(["...Again @include(if: $yes)", "... @include(if: $yes) { make(n: 1) { n } }"])(
  "a mutation that is asked for in two places, in the second by %s, is run once",
  async (again) => {
    const { stock, ours, fast } = await ask(
      [
        subgraph("a", "type Query { x: Int } type Mutation { make(n: Int): E! } type E { id: ID! n: Int! }"),
        subgraph("b", "type Query { y: Int } type Mutation { other: Int! }"),
      ],
      `mutation ($yes: Boolean! = true) { make(n: 1) { id } other ${again} also: make(n: 2) { n } ...Last }
       fragment Again on Mutation { make(n: 1) { n } } fragment Last on Mutation { ...Again @skip(if: $yes) }`,
    );
    const runs = (calls: readonly Call[]) =>
      calls.flatMap(({ body }) => body.query.match(/make\(n:1\)/g) ?? []).length;
    expect(ours.data).toEqual({
      make: { id: expect.any(String) as string, n: expect.any(Number) as number },
      other: expect.any(Number) as number,
      also: { n: expect.any(Number) as number },
    });
    expect(runs(ours.calls)).toBe(1);
    expect(fast.data).toEqual(ours.data);
    expect(runs(fast.calls)).toBe(1);
    expect(runs(stock.calls)).toBeGreaterThan(1);
  },
);

test.each([
  { first: "... @skip(if: $a) { make(n: 1) { id } }", a: true, b: true, order: "other make" },
  { first: "... @skip(if: $a) { make(n: 1) { id } }", a: false, b: true, order: "make other" },
  { first: "...Twice @include(if: $b)", a: false, b: true, order: "make other" },
  { first: "...Twice @include(if: $b)", a: true, b: true, order: "other make" },
  { first: "...Twice @include(if: $b)", a: true, b: false, order: "other make" },
  { first: "make(n: 1) @include(if: $b) @skip(if: $b) { id }", a: true, b: true, order: "other make" },
])("a mutation is run once, where it is not skipped for the first time: $first, $a, $b", async (each) => {
  const { ours, fast } = await ask(
    [
      subgraph("a", "type Query { x: Int } type Mutation { make(n: Int): E! } type E { id: ID! n: Int! }"),
      subgraph("b", "type Query { y: Int } type Mutation { other: Int! }"),
    ],
    `mutation ($a: Boolean!, $b: Boolean!) { ${each.first} other make(n: 1) { n } }
     fragment Twice on Mutation { make(n: 1) @skip(if: $a) { id } ... @include(if: $b) { make(n: 1) @skip(if: $a) { id } } }`,
    { variables: { a: each.a, b: each.b } },
  );
  const order = (calls: readonly Call[]) =>
    calls.flatMap(({ body }) => [...fieldsOf(body.query, body.variables ?? {})]).join(" ");
  expect(order(ours.calls)).toBe(each.order);
  expect(order(fast.calls)).toBe(each.order);
  expect(Object.keys(ours.data as object).join(" ")).toBe(each.order);
  expect(fast.data).toEqual(ours.data);
});

test("a field of an interface object has the arguments that it was asked for with on each type", async () => {
  const media = [
    subgraph(
      "a",
      `type Query { all: [Media!]! } interface Media @key(fields: "id") { id: ID! }
       type Book implements Media @key(fields: "id") { id: ID! } type Film implements Media @key(fields: "id") { id: ID! }`,
    ),
    subgraph("b", `type Media @key(fields: "id") @interfaceObject { id: ID! score(n: Int): Int! }`),
  ];
  const told = {
    answer: ({ subgraph: name, body }: { subgraph: string; body: string }) =>
      json(
        JSON.stringify({
          data:
            name === "a"
              ? { all: ["Book", "Film"].map((__typename) => ({ __typename, id: __typename })) }
              : { _entities: JSON.parse(body).variables.representations.map(() => scores(body)) },
        }),
      ),
  };
  const query = "{ all { ... on Book { score(n: 1) } ... on Film { score(n: 2) } } }";
  const { stock, ours, fast } = await ask(media, query, told);
  expect(ours.data).toEqual({ all: [{ score: 1 }, { score: 2 }] });
  expect(fast.data).toEqual(ours.data);
  expect(stock.data).not.toEqual(ours.data);
});

const VEHICLES = [
  subgraph(
    "a",
    `type Query { mine: Vehicle } type Vehicle @key(fields: "id") @interfaceObject { id: ID! }
     type Land @key(fields: "id") @interfaceObject { id: ID! wheels: Int }`,
  ),
  subgraph(
    "b",
    `type Query { x: Int } interface Vehicle @key(fields: "id") { id: ID! }
     interface Land implements Vehicle @key(fields: "id") { id: ID! }
     type Car implements Vehicle & Land @key(fields: "id") { id: ID! }
     type Boat implements Vehicle @key(fields: "id") { id: ID! }`,
  ),
];

test.each([
  ["{ mine { id ... on Land { wheels } } }", { id: "1", wheels: 4 }, { id: "1" }],
  ["{ mine { ... on Land { wheels } } }", { wheels: 4 }, {}],
  [
    "{ mine { ...Part } } fragment Part on Land { __typename wheels ... on Vehicle { id } }",
    { __typename: "Car", wheels: 4, id: "1" },
    {},
  ],
])(
  "a fragment from one interface object into another that implements it is planned: %s",
  async (query, car, boat) => {
    const of = (__typename: string) => ({
      answer: ({ subgraph: name, body }: { subgraph: string; body: string }) => {
        const data =
          name === "b"
            ? { _entities: [{ __typename, id: "1" }] }
            : body.includes("_entities")
              ? { _entities: [{ wheels: 4 }] }
              : { mine: { __typename: "Vehicle", id: "1" } };
        return json(JSON.stringify({ data }));
      },
    });
    for (const [typename, mine] of [
      ["Car", car],
      ["Boat", boat],
    ] as const) {
      const { stock, ours, fast } = await ask(VEHICLES, query, of(typename));
      expect(ours.data).toEqual({ mine });
      expect(ours.errors).toBeUndefined();
      expect(fast.data).toEqual(ours.data);
      expect(stock.thrown?.message).toContain("We should have an edge from Vehicle(a) for __typename");
    }
  },
);

/** What a subgraph tells of an entity whose score is what it is asked with. */
function scores(body: string): object {
  const { query } = JSON.parse(body) as { query: string };
  return Object.fromEntries(
    [...query.matchAll(/(\w+:)?score\(n:(\d)\)/g)].map(([, alias, n]) => [
      alias?.slice(0, -1) ?? "score",
      Number(n),
    ]),
  );
}
