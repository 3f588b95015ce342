import { expect, test } from "vitest";
import { expectRight, subgraph } from "./hand-written.ts";

// Parts of one operation that get in each other's way in a plan. What is right is told by graphql-js over the same data.

const LISTS = [
  subgraph(
    "s",
    `type Query { found(n: Int): [R!]! deep(n: Int): [[S!]!]! node(n: Int): [Node!]! } union R = M | A union S = M | A
     interface Node { id: ID! }
     type M implements Node { id: ID! kids: [K!]! one: K side: R! } type A implements Node { id: ID! kids: [K!]! one: K others: [K!]! side: R! }
     type K @key(fields: "id") { id: ID! }`,
  ),
  subgraph("t", `type K @key(fields: "id") { id: ID! pic(w: Int!): String! name: String! next: [K!]! }`),
];

/** So that objects of all types come up. */
const SEVERAL = [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }, { n: 6 }] as const;

test.each([
  [
    "a list",
    "query ($n: Int) { found(n: $n) { ... on M { kids { pic(w: 1) } } ... on A { kids { pic(w: 2) } } } }",
  ],
  [
    "a list of lists",
    "query ($n: Int) { deep(n: $n) { ... on M { kids { pic(w: 1) } } ... on A { kids { pic(w: 2) } } } }",
  ],
  [
    "an interface",
    "query ($n: Int) { node(n: $n) { ... on M { kids { pic(w: 1) } } ... on A { kids { pic(w: 2) } } } }",
  ],
  [
    "an alias of two fields",
    "query ($n: Int) { found(n: $n) { ... on M { x: kids { pic(w: 1) } } ... on A { x: others { pic(w: 2) } } } }",
  ],
  [
    "aliases of other fields",
    "query ($n: Int) { found(n: $n) { ... on M { kids { x: name } } ... on A { kids { x: pic(w: 2) } } } }",
  ],
  [
    "named fragments",
    `query ($n: Int) { found(n: $n) { ...OfM ...OfA } } fragment OfM on M { kids { ...One } } fragment OfA on A { kids { ...Two } }
     fragment One on K { pic(w: 1) } fragment Two on K { pic(w: 2) }`,
  ],
  [
    "one fragment in two places",
    `query ($n: Int) { found(n: $n) { ... on M { kids { ...One } } ... on A { kids { pic(w: 2) } one { ...One } } } } fragment One on K { pic(w: 1) }`,
  ],
  [
    "unions in unions",
    `query ($n: Int) { found(n: $n) { ... on M { side { ... on M { kids { pic(w: 1) } } ... on A { kids { pic(w: 2) } } } }
       ... on A { side { ... on M { kids { pic(w: 3) } } ... on A { kids { pic(w: 4) } } } } } }`,
  ],
  [
    "several levels below",
    "query ($n: Int) { found(n: $n) { ... on M { kids { next { next { pic(w: 1) } } } } ... on A { kids { next { next { pic(w: 2) } } } } } }",
  ],
  [
    "lists with other fields in other places",
    "query ($n: Int) { found(n: $n) { ... on M { kids { next { pic(w: 1) } } } ... on A { kids { next: next { pic(w: 2) } pic(w: 3) } } } }",
  ],
])(
  "equal response names under types that are told apart above get their own data: %s",
  async (_what, query) => {
    await expectRight(LISTS, query, SEVERAL);
  },
);

test("equal response names under types that are told apart above get their own data, with conditions", async () => {
  const query = `query ($yes: Boolean!, $w: Int!, $n: Int) {
    found(n: $n) { ... on M @include(if: $yes) { kids { pic(w: 1) } } ... on A { kids { pic(w: $w) @skip(if: $yes) name } } }
  }`;
  for (const { n } of SEVERAL)
    await expectRight(LISTS, query, [
      { yes: true, w: 2, n },
      { yes: false, w: 2, n },
    ]);
});

const PRICES = subgraph(
  "a",
  `type Query { p: P! all: [P!]! any: [Any!]! } union Any = P | Q
   type P @key(fields: "id") { id: ID! price(cur: String!): Int! rate(of: Int = 1): Int! other: P! tags(n: Int): [Tag!]! }
   type Q @key(fields: "id") { id: ID! price(cur: String!): Int! }
   type Tag { text(n: Int): String! }`,
);
const EUROS = subgraph(
  "b",
  `type P @key(fields: "id") {
     id: ID! label: String! price(cur: String!): Int! @external rate(of: Int = 1): Int! @external other: P! @external
     tags(n: Int): [Tag!]! @external
     eur: String! @requires(fields: "price(cur: \\"EUR\\")") usd: String! @requires(fields: "price(cur: \\"USD\\")")
     plain: String! @requires(fields: "rate") double: String! @requires(fields: "rate(of: 2)")
     one: String! @requires(fields: "other { price(cur: \\"EUR\\") }") two: String! @requires(fields: "other { price(cur: \\"USD\\") }")
     few: String! @requires(fields: "tags(n: 1) { text(n: 1) }") many: String! @requires(fields: "tags(n: 1) { text(n: 2) }")
     most: String! @requires(fields: "tags(n: 3) { text(n: 1) } price(cur: \\"EUR\\")")
   }
   type Q @key(fields: "id") {
     id: ID! price(cur: String!): Int! @external chf: String! @requires(fields: "price(cur: \\"CHF\\")")
   }
   type Tag { text(n: Int): String! @external }`,
);
const TOTALS = subgraph(
  "c",
  `type P @key(fields: "id") {
     id: ID! eur: String! @external usd: String! @external price(cur: String!): Int! @external
     gbp: String! @requires(fields: "price(cur: \\"GBP\\")") total: String! @requires(fields: "eur usd")
     mixed: String! @requires(fields: "eur price(cur: \\"USD\\")")
   }`,
);

test.each([
  "{ p { eur usd } }",
  "{ p { eur usd label } }",
  "{ all { eur usd label } p { eur } }",
  "{ p { plain double } }",
  "{ p { one two } }",
  "{ p { eur two } }",
  "{ p { few many } }",
  "{ p { few most many eur usd } }",
  "{ p { eur gbp usd } }",
  "{ p { total gbp } }",
  "{ p { total mixed eur usd gbp } }",
  "{ p { other { eur usd other { usd gbp } } } }",
  `{ p { price(cur: "CHF") eur usd } }`,
  `{ p { price(cur: "EUR") eur usd cents: price(cur: "USD") } }`,
  "{ any { ... on P { eur usd } ... on Q { chf } } }",
  `{ any { ... on P { eur usd price(cur: "X") } ... on Q { chf price(cur: "EUR") } } }`,
  "{ p { ...Both } } fragment Both on P { eur ...More } fragment More on P { usd x: usd }",
])("fields of which each requires one field with other arguments get their own: %s", async (query) => {
  await expectRight([PRICES, EUROS, TOTALS], query);
});

test("fields of which each requires one field with other arguments get their own, with conditions", async () => {
  const query =
    "query ($yes: Boolean!, $no: Boolean!) { p { eur @include(if: $yes) ... @skip(if: $no) { usd } label } }";
  const variables = { yes: true, no: true };
  await expectRight([PRICES, EUROS, TOTALS], query, [
    variables,
    { ...variables, yes: false },
    { ...variables, no: false },
    { yes: false, no: false },
  ]);
});

test("an alias of a client that is one of our names for a required field is another field", async () => {
  const { ours } = await expectRight([PRICES, EUROS], "{ p { eur usd } }");
  const names = [...(ours.calls[0]?.body.query.matchAll(/(\w+):price/g) ?? [])].map(([, name]) => name);
  expect(names).toHaveLength(2);
  for (const name of names) await expectRight([PRICES, EUROS], `{ p { ${name}: label eur usd } }`);
});

const ADDING = [
  subgraph(
    "a",
    `type Query { x: Int }
     type Mutation { add(x: String!): Cart! set(n: Int): Cart! plain(n: Int): Int! many(n: Int): [Cart!]! }
     type Cart @key(fields: "id") { id: ID! sum: String! }`,
  ),
  subgraph(
    "b",
    `type Mutation { other(n: Int): Int! put(n: Int): Cart! }
     type Cart @key(fields: "id") { id: ID! size: String! sum: String! @external worth: String! @requires(fields: "sum") }`,
  ),
];

test.each([
  `mutation { a: add(x: "1") { size } b: add(x: "2") { size } }`,
  `mutation { a: add(x: "1") { sum } b: add(x: "2") { size } c: set { sum size } d: set(n: 1) { sum } e: plain }`,
  `mutation { add(x: "1") { id size } plain other set { worth } put { size sum } }`,
  `mutation { ...First b: add(x: "2") { size } ... on Mutation { c: many { size worth } plain } }
   fragment First on Mutation { a: add(x: "1") { size } }`,
  `mutation { add(x: "1") { id } plain add(x: "1") { size } }`,
  "mutation { __typename a: many(n: 1) { worth } b: many(n: 2) { worth __typename } }",
])("fields of a mutation are done one after the other, with all that is below each: %s", async (query) => {
  await expectRight(ADDING, query);
});

test("fields of a mutation are done one after the other, with all that is below each, with conditions", async () => {
  const query = `mutation ($yes: Boolean!, $n: Int) {
    a: set(n: $n) @include(if: $yes) { size } b: set(n: 2) { size ... @skip(if: $yes) { worth } } c: plain
  }`;
  await expectRight(ADDING, query, [
    { yes: true, n: 1 },
    { yes: false, n: 1 },
  ]);
});

test("fields of a mutation with nothing of other subgraphs below are asked for together", async () => {
  const { ours } = await expectRight(ADDING, "mutation { plain set { sum } other b: put { id } }");
  expect(ours.calls).toHaveLength(2);
});

const MEDIA = [
  subgraph(
    "a",
    `type Query { media(n: Int): Media! all: [Media!]! } interface Media @key(fields: "id") { id: ID! title: String! more: Media! }
     type Book implements Media @key(fields: "id") { id: ID! title: String! more: Media! }
     type Film implements Media @key(fields: "id") { id: ID! title: String! more: Media! }`,
  ),
  subgraph(
    "b",
    `type Media @key(fields: "id") @interfaceObject {
       id: ID! score: Int! title: String! @external rated: Int! @requires(fields: "title") }`,
  ),
];

test.each([
  "{ all { ... on Film { more { rated } } more { score } } }",
  "{ all { ... on Film { more { rated score } } ... on Book { more { score } } } }",
  "{ all { ... on Film { more { more { rated } } } more { more { score } } } }",
  "{ all { ... on Film { more { ...Rated } } more { score } } } fragment Rated on Media { rated }",
])("an entity is asked for what can be told of it where others get more: %s", async (query) => {
  await expectRight(MEDIA, query);
});

test("an entity is asked for what can be told of it where others get more, with conditions", async () => {
  const query =
    "query ($yes: Boolean!) { all { ... on Film { more { rated @include(if: $yes) } } more { score @skip(if: $yes) id } } }";
  await expectRight(MEDIA, query, [{ yes: true }, { yes: false }]);
});

test("of entities that all have what is needed, all is asked for at once", async () => {
  const { ours } = await expectRight(
    MEDIA,
    "{ all { ... on Film { more { rated score } } ... on Book { more { rated score } } } }",
  );
  expect(ours.calls).toHaveLength(2);
});

test("an entity of two interface objects of one subgraph is asked for as each of them", async () => {
  const subgraphs = [
    subgraph(
      "a",
      `type Query { one: Media } interface Media @key(fields: "id") { id: ID! more: Media }
       interface Reel implements Media @key(fields: "id") { id: ID! more: Media }
       type Book implements Media @key(fields: "id") { id: ID! more: Media pages: Int }
       type Film implements Media & Reel @key(fields: "id") { id: ID! more: Media length: Int }`,
    ),
    subgraph(
      "b",
      `type Query { media(n: Int): [Media!]! }
       type Media @key(fields: "id") @interfaceObject { id: ID! }
       type Reel @key(fields: "id") @interfaceObject { id: ID! plays: [Int!] }`,
    ),
  ];
  const query = `query ($n: Int) { media(n: $n) { id ... on Film { plays ... on Media { id again: id } } ... on Book { id pages } } }`;
  await expectRight(subgraphs, query, [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }]);
  await expectRight(subgraphs, "{ one { id ... on Film { plays other: id } } }");
});
