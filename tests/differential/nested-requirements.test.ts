import { afterAll, beforeAll, expect, test } from "vitest";
import { NO_FAULTS } from "./faults.ts";
import { type Gateways, startGateways } from "./gateways.ts";
import { expectRight, expectRightOf, subgraph } from "./hand-written.ts";
import { composeSubgraphs } from "./supergraph.ts";

// Fields with `@requires` that need fields with `@requires`. Where a plan begins in the subgraph of what is needed, or
// comes by there, it is not to be asked for before what it needs itself. What is right is told by graphql-js over the
// same data.

/** Each subgraph computes something of what the others compute: `c1` of `b1` of `a1`, and `d1` of `c1`. */
const SUBGRAPHS = [
  subgraph(
    "a",
    `type Query { aOne: E! aMany(n: Int): [E!]! aNode(n: Int): [Node!]! aAny(n: Int): [Any!]! aMedia: [Media!]! }
     type Mutation { aDo(n: Int): E! aAdd: [E!]! }
     interface Node { id: ID! } union Any = E | F
     type E implements Node @key(fields: "id") {
       id: ID! a1: Int a2(n: Int): Int pos: Pos! next: E! many: [E!] c1: String @external
       a9: String @requires(fields: "c1") }
     type F implements Node @key(fields: "id") { id: ID! f1: Int }
     type Pos @key(fields: "no") { no: ID! x: Int }
     interface Media @key(fields: "id") { id: ID! title: String more: Media! }
     type Book implements Media @key(fields: "id") { id: ID! title: String more: Media! }
     type Film implements Media @key(fields: "id") { id: ID! title: String more: Media! }`,
  ),
  subgraph(
    "b",
    `type Query { bOne: E! bMany(n: Int): [E!]! bNode(n: Int): [Node!]! bAny(n: Int): [Any!]! bMedia: [Media!]! }
     type Mutation { bDo(n: Int): E! bAdd: [E!]! }
     interface Node { id: ID! } union Any = E | F
     type E implements Node @key(fields: "id") {
       id: ID! plain: Int bNext: E! a1: Int @external b1: String @requires(fields: "a1")
       a2(n: Int): Int @external b2: String @requires(fields: "a2(n: 2)") b5: String @requires(fields: "a2(n: 5)")
       c2: String @external b3: String @requires(fields: "a1 c2") b4: Deep @requires(fields: "a1") }
     type Deep { n: Int at: Pos }
     type F implements Node @key(fields: "id") { id: ID! f1: Int @external b1: String @requires(fields: "f1") }
     type Pos @key(fields: "no") { no: ID! x: Int @external y: String @requires(fields: "x") z: Int }
     type Media @key(fields: "id") @interfaceObject {
       id: ID! title: String @external bScore: Int bRated: String @requires(fields: "title") }`,
  ),
  subgraph(
    "c",
    `type Query { cOne: E! cMany(n: Int): [E!]! cAny(n: Int): [Any!]! cMedia: [Media!]! }
     type Mutation { cDo(n: Int): E! }
     union Any = E | F
     type E @key(fields: "id") {
       id: ID! c0: Int b1: String @external c1: String @requires(fields: "b1")
       b2: String @external b5: String @external c2: String @requires(fields: "b2")
       pos: Pos! @external c3: String @requires(fields: "pos { y z }")
       b3: String @external c4: String @requires(fields: "b3 b1") b4: Deep @external c5: String @requires(fields: "b4 { n }")
       next: E! @external c6: String @requires(fields: "next { b1 }")
       many: [E!] @external c7: String @requires(fields: "many { b1 b2 }") c8(n: Int): Deeper @requires(fields: "b1 b5") }
     type Deeper { n: Int e: E! }
     type Deep { n: Int @external }
     type F @key(fields: "id") { id: ID! b1: String @external c1: String @requires(fields: "b1") }
     type Pos @key(fields: "no") { no: ID! y: String @external z: Int @external }
     type Media @key(fields: "id") @interfaceObject {
       id: ID! bRated: String @external bScore: Int @external cRated: String @requires(fields: "bRated bScore") }`,
  ),
  subgraph(
    "d",
    `type Query { dOne: E! dMany(n: Int): [E!]! } type Mutation { dDo(n: Int): E! }
     type E @key(fields: "id") {
       id: ID! a1: Int @external b1: String @external c1: String @external d1: String @requires(fields: "c1")
       d2: String @requires(fields: "a1 b1 c1") a9: String @external d3: String @requires(fields: "a9") }`,
  ),
];

let gateways: Gateways;

beforeAll(async () => {
  gateways = await startGateways(composeSubgraphs(SUBGRAPHS));
});

afterAll(() => gateways.stop());

async function expectEachRight(
  queries: readonly string[],
  variables: readonly Record<string, unknown>[] = [{}],
) {
  for (const query of queries)
    for (const each of variables) await expectRightOf(gateways, { query, variables: each });
}

const ROOTS = ["aOne", "bOne", "cOne", "dOne", "aMany", "bMany", "cMany", "dMany"];

test.each([
  ["of one level", "c1"],
  ["beside what it needs", "c1 b1 a1"],
  ["of three levels", "d1"],
  ["of three levels, beside each", "d1 c1 b1 plain c0"],
  ["of four levels, and back to where the first one is", "a9"],
  ["of five levels", "d3"],
  ["several beside each other", "c1 c2 c4 d1"],
  ["several of several levels", "d3 a9 d1 c4 plain"],
  ["with what all levels below need", "d2"],
  ["needing two that need others", "c4"],
  ["needing what comes from the subgraph of its own", "b3"],
  ["needing it, beside another one", "b3 b1"],
  ["needing a field of an object with a key", "c3"],
  ["needing it, and beside it", "pos { y } c3 c1"],
  ["needing a part of a value", "c5 b4 { n at { y } }"],
  ["needing a field of another entity", "c6"],
  ["needing it, which is asked for more", "c6 next { c6 c1 }"],
  ["needing fields of several entities", "c7 many { c1 }"],
  ["that is an object", "c8 { n e { c1 d1 } } c0"],
  ["that is an object, with arguments", "c8(n: 1) { e { d3 } } other: c8(n: 2) { n }"],
  ["needing one field with several arguments", "b2 b5 c2 c8 { n } a2(n: 7)"],
  ["with aliases of each other's names", "b1: c1 c1: plain x: b1 y: d1"],
  ["with aliases of what is needed", "a1: id b1: a2(n: 3) d2"],
  ["several levels below", "bNext { next { bNext { c1 next { d1 } } } }"],
  ["at several levels at once", "c1 bNext { d1 next { c4 bNext { a9 } } }"],
])("a field that needs a field that needs others gets it: %s", async (_what, fields) => {
  await expectEachRight(ROOTS.map((root) => `{ ${root} { ${fields} } }`));
});

test.each([
  "query ($n: Int) { bNode(n: $n) { id ... on E { c1 d1 } } }",
  "query ($n: Int) { bAny(n: $n) { ... on E { c1 d1 } ... on F { c1 } } }",
  "query ($n: Int) { bAny(n: $n) { ... on E { bNext { c1 } } ... on F { b1 c1 } } cAny(n: $n) { ... on E { d1 } ... on F { c1 } } }",
  "query ($n: Int) { aAny(n: $n) { ... on E { c1 d3 } ... on F { c1 } } aNode(n: $n) { ... on E { d2 } ... on F { c1 b1 } } }",
  "query ($n: Int) { bAny(n: $n) { ...OfE ...OfF } } fragment OfE on E { c1 ...More } fragment More on E { d1 next { c4 } } fragment OfF on F { c1 }",
])("a field that needs a field that needs others gets it, by types: %s", async (query) => {
  await expectEachRight([query], query.includes("$n") ? [1, 2, 3, 4].map((n) => ({ n })) : [{}]);
});

test.each([
  "query ($yes: Boolean!) { bOne { c1 @include(if: $yes) b1 } }",
  "query ($yes: Boolean!) { bOne { c1 b1 @include(if: $yes) d1 @skip(if: $yes) } }",
  "query ($yes: Boolean!) { bOne { plain ... @include(if: $yes) { c1 c2 } ... @skip(if: $yes) { d1 } } }",
  "query ($yes: Boolean!) { bMany { c4 ... on E @include(if: $yes) { c1 bNext { d1 @skip(if: $yes) } } } }",
  "query ($yes: Boolean!) { cOne @include(if: $yes) { d3 } bOne { a9 ... @skip(if: $yes) { c8 { e { c1 } } } } }",
])("a field that needs a field that needs others gets it, with conditions: %s", async (query) => {
  await expectEachRight([query], [{ yes: true }, { yes: false }]);
});

test.each([
  "mutation { bDo(n: 1) { c1 d1 } }",
  "mutation { a: bDo(n: 1) { c1 } b: bDo(n: 2) { d1 plain } c: aDo(n: 3) { c4 } d: cDo { b3 a9 } }",
  "mutation { bAdd { c1 } aAdd { c1 } bDo { id } dDo { d1 d2 d3 } }",
])("a field that needs a field that needs others gets it, in a mutation: %s", async (query) => {
  await expectEachRight([query]);
});

test("what is needed is asked for once, where it is there", async () => {
  const { ours } = await expectRightOf(gateways, { query: "{ aOne { c1 b1 } }", variables: {} });
  expect(ours.calls.map(({ subgraph: name }) => name)).toEqual(["a", "b", "c"]);
});

test("a subgraph is not asked for what is external to it, where that is needed by what another one computes", async () => {
  // `sum` needs `total`, which needs `net` of the other one; the subgraph that begins knows `net` by name alone.
  const subgraphs = [
    subgraph(
      "a",
      `type E @key(fields: "id") { id: ID! net: Int @external total: Int @requires(fields: "net") }`,
    ),
    subgraph(
      "b",
      `type E @key(fields: "id") { id: ID! net: Int tax: Int total: Int @external gross: Int @requires(fields: "total") }`,
    ),
    subgraph(
      "c",
      `type Query { one: E! }
       type E @key(fields: "id") { id: ID! net: Int @external gross: Int @external sum: Int @requires(fields: "net gross") }`,
    ),
  ];
  for (const query of [
    "{ one { sum } }",
    "{ one { sum gross } }",
    "{ one { gross } }",
    "{ one { total sum tax } }",
  ])
    await expectRight(subgraphs, query);
});

test("of a value that several fields need parts of, what a skipped one needs is not waited for", async () => {
  const subgraphs = [
    subgraph(
      "a",
      `type Query { one: E! } type Spot { x: Int y: Int z: Int }
       type E @key(fields: "id") { id: ID! spot: Spot! row: Int @external cell: Int @external both: Int @requires(fields: "row cell") }`,
    ),
    subgraph(
      "b",
      `type Spot @external { x: Int y: Int z: Int }
       type E @key(fields: "id") { id: ID! spot: Spot! @external row: Int @requires(fields: "spot { x y }") cell: Int @requires(fields: "spot { y z }") }`,
    ),
  ];
  for (const fields of [
    "row cell @include(if: $yes)",
    "row cell @include(if: $yes) ... @skip(if: $yes) { both }",
  ])
    await expectRight(subgraphs, `query ($yes: Boolean!) { one { ${fields} } }`, [
      { yes: true },
      { yes: false },
    ]);
});

test("what the planner has no plan for, of interface objects, fails with the field's name, and nothing is asked", async () => {
  const query = "{ bMany { id } media: bMedia { more { other: cRated } } }";
  const each = { operation: { query, variables: {} }, faults: NO_FAULTS };
  for (const { errors, data, calls } of [await gateways.ours(each), await gateways.fast(each)]) {
    expect(data).toBeUndefined();
    expect(errors?.map(({ message }) => message)).toEqual([
      "Media.cRated at media.more.other can't be planned: it needs a field that needs others itself (@requires), and both are of interface objects.",
    ]);
    expect(errors?.[0]?.extensions?.["code"]).toBe("QUERY_PLANNING_FAILED");
    expect(calls).toEqual([]);
  }
  await expectEachRight(["{ bMedia { bRated bScore } aMedia { bRated } }"]);
});

test("what comes after a fetch goes on waiting for what was before it, where that fetch is joined with an earlier one", async () => {
  const subgraphs = [
    subgraph(
      "a",
      `type Query { one: E } enum Color { RED GREEN } type Org @shareable { id: ID! }
       type E @key(fields: "no org { id }") @key(fields: "id") {
         id: ID! no: Int! org: Org! f: [Int] d: Int @external cSum: String @external cAvg: String @external cMax: String @external
         e(c: Color): Int @external g: Int! @external kin: [E]! @external
         aSum: String @requires(fields: "d cMax") aAvg: String @requires(fields: "g e(c: GREEN) kin { cSum }")
         aMax: String @requires(fields: "cSum cAvg") }`,
    ),
    subgraph(
      "b",
      `enum Color { RED GREEN } type Org @shareable { id: ID! }
       type E @key(fields: "no org { id }") {
         id: ID! @shareable no: Int! org: Org! g: Int! d: Int e(c: Color): Int f: [Int] @external cMax: String @external
         aSum: String @external aAvg: String @external aMax: String @external cAvg: String @external
         bSum: String @requires(fields: "f aSum aMax") bAvg: String @requires(fields: "cAvg cMax aAvg") }`,
    ),
    subgraph(
      "c",
      `enum Color { RED GREEN } type Org @shareable { id: ID! }
       type E @key(fields: "no org { id }") @key(fields: "id") {
         id: ID! no: Int! org: Org! kin: [E]! f: [Int] @external e(c: Color): Int @external d: Int @external
         cSum: String @requires(fields: "f e(c: RED)") cAvg: String @requires(fields: "e(c: GREEN)")
         cMax: String @requires(fields: "d") }`,
    ),
  ];
  for (const fields of ["bSum", "bSum bAvg", "aMax bSum", "kin { bSum } bAvg"])
    await expectRight(subgraphs, `{ one { ${fields} } }`);
});
