import { textOfData } from "@tributary/executor";
import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { json } from "./broken-calls.ts";
import { runCases } from "./cases.ts";
import { differenceFromSpecification } from "./compare.ts";
import { ask, subgraph } from "./hand-written.ts";
import { createTally } from "./tally.ts";

const SUBGRAPHS = [
  subgraph("a", `type Query { one(n: Int): E! } type E @key(fields: "id") { id: ID! }`),
  subgraph("b", `type E @key(fields: "id") { id: ID! next: E! label: String! }`),
  subgraph("c", `type E @key(fields: "id") { id: ID! name(n: Int): String! }`),
];

const REQUIRING = [
  subgraph("a", `type Query { one: E! } type E @key(fields: "id") { id: ID! size: Int! }`),
  subgraph(
    "b",
    `type E @key(fields: "id") {
       id: ID! label: String! size: Int! @external price: Int! @requires(fields: "size")
     }`,
  ),
];

test.each([
  [
    "an entity fetched once for two places does not carry over what is fetched later for one of them",
    "{ p: one(n: 1) { next { x: name(n: 1) } } q: one(n: 1) { next { x: name(n: 2) } } }",
    4,
  ],
  [
    "an entity in two places is fetched once",
    "{ p: one(n: 1) { next { id } } q: one(n: 1) { next { id } } }",
    2,
  ],
  [
    "names that the planner gives to operations do not tell fetches apart",
    "query Named { p: one(n: 1) { label } q: one(n: 1) { label } }",
    2,
  ],
  [
    "different selections of one entity are both fetched",
    "{ p: one(n: 1) { label } q: one(n: 1) { next { id } } }",
    3,
  ],
])("%s", async (_name, query, calls) => {
  const { stock, ours, fast } = await ask(SUBGRAPHS, query);
  expect(JSON.stringify(ours.data)).toBe(JSON.stringify(stock.data));
  expect(JSON.stringify(fast.data)).toBe(JSON.stringify(stock.data));
  expect(ours.errors).toBeUndefined();
  expect(ours.calls).toHaveLength(calls);
  expect(fast.calls).toHaveLength(calls);
});

test("an error of an entity that was not asked for is told, with what its path has of the entity", async () => {
  const { stock, ours, fast } = await ask(SUBGRAPHS, "{ one { label } }", {
    answer: ({ subgraph: name }) =>
      json(
        JSON.stringify(
          name === "a"
            ? { data: { one: { __typename: "E", id: "1" } } }
            : {
                data: { _entities: [{ label: "L" }] },
                errors: [{ message: "Lost", path: ["_entities", 5, "label"] }],
              },
        ),
      ),
  });
  for (const { data, errors } of [stock, ours, fast]) {
    expect(data).toEqual({ one: { label: "L" } });
    expect(errors?.map(({ message, path }) => [message, path])).toEqual([["Lost", ["label"]]]);
  }
});

test("a null among custom scalars that must not be null is seen by the fast engine", async () => {
  const { stock, ours, fast } = await ask(
    [subgraph("a", "scalar Any type Query { list: [[Any!]] x: Int }")],
    "{ list x }",
    { answer: () => json('{"data":{"list":[[1,{"a":[]}],[null]],"x":1}}') },
  );
  for (const { data, extensions } of [stock, ours, fast]) {
    expect(data).toEqual({ list: [[1, { a: [] }], null], x: 1 });
    expect(extensions?.valueCompletion?.map(({ path }) => path)).toEqual([["list", 1, 0]]);
  }
});

test("a mutation is sent once, also where the fast engine cannot read the answer", async () => {
  const { ours, fast } = await ask(
    [subgraph("a", "type Query { x: Int } type Mutation { do(n: Int!): [Int!] next: Int }")],
    "mutation { do(n: 1) next }",
    { answer: () => json('{"data":{"do":[null],"next":2}}') },
  );
  expect(ours.calls).toHaveLength(1);
  expect(fast.calls).toHaveLength(1);
  expect(fast.data).toEqual({ do: null, next: 2 });
});

test("the fast engine sends an entity that lacks what only a fragment needs that is skipped", async () => {
  const { stock, ours, fast } = await ask(
    REQUIRING,
    "query ($with: Boolean!) { one { label ... @include(if: $with) { price } } }",
    { variables: { with: false } },
  );
  for (const { data, errors } of [stock, ours, fast]) {
    expect(errors).toBeUndefined();
    expect(data).toEqual({ one: { label: expect.any(String) as string } });
  }
});

test("of equal objects, each is written with what is selected there", async () => {
  const label = "long enough to be looked for ".repeat(4);
  const peer = { __typename: "E", label };
  const { stock, ours, fast } = await ask(
    [
      subgraph(
        "a",
        `type Query { nodes: [Node] } interface Node { label: String peer: Node }
         type E implements Node { label: String peer: Node } type F implements Node { label: String peer: Node }`,
      ),
    ],
    "{ nodes { peer { label } ... on F { peer { __typename } } } }",
    {
      answer: () =>
        json(
          JSON.stringify({ data: { nodes: ["E", "F", "E"].map((__typename) => ({ __typename, peer })) } }),
        ),
    },
  );
  // What the fast engine did by itself is text until somebody looks.
  expect(textOfData(fast.data)).toBeDefined();
  const [e, f] = [{ peer: { label } }, { peer: { label, __typename: "E" } }];
  for (const { data } of [stock, ours, fast]) expect(data).toEqual({ nodes: [e, f, e] });
});

test("an error more is no difference in a place that another one has made null, and is elsewhere", () => {
  const error = (...path: (string | number)[]) => new GraphQLError("Broken", { path });
  const outcome = { calls: [], complaints: [], features: new Set<string>() };
  const answer = { data: { many: null, one: { name: "x" } }, errors: [error("many", 0, "name")] };
  const told = (...more: GraphQLError[]) => ({ ...outcome, ...answer, errors: [...answer.errors, ...more] });
  expect(differenceFromSpecification(answer, told(error("many", 1, "name")))).toBeUndefined();
  expect(differenceFromSpecification(answer, told(error("one", "name")))).toContain("errors");
  expect(differenceFromSpecification(answer, told(error("two")))).toContain("errors");
  expect(differenceFromSpecification(answer, { ...outcome, data: answer.data })).toContain("errors");
});

test.each([
  {
    seed: 20000709,
    operations: 24,
    what: "a field beside an interface object's that is skipped, which needs something",
  },
  {
    seed: 20001684,
    operations: 18,
    what: "a list where the plan has one entity, before other entities with errors",
  },
  { seed: 20002209, operations: 18, what: "the same with other values" },
  { seed: 20003166, operations: 35, what: "the same once more" },
  { seed: 20001957, operations: 1, what: "a mutation under a condition in a fragment, and again behind it" },
  { seed: 20002926, operations: 13, what: "a mutation under a condition, and again in a fragment" },
  { seed: 20002009, operations: 28, what: "two errors in one place that is null" },
  { seed: 30000363, operations: 1, what: "subgraphs that contradict each other about an object's type" },
  { seed: 30000561, operations: 10, what: "the same where a call is not repeated" },
  {
    seed: 60001643,
    operations: 32,
    what: "equal objects of which more is selected in an object of one type",
  },
  { seed: 60002252, operations: 4, what: "a field with @requires that is always skipped" },
  { seed: 70002507, operations: 29, what: "what a wrong plan loses in one place, and ours has from another" },
  { seed: 50000400, operations: 27, what: "a condition's variable that the planner forgot" },
  { seed: 50000311, operations: 39, what: "two entities that are told by one key" },
  { seed: 40000640, operations: 7, what: "a call that fails before or after others have answered" },
  {
    seed: 40000061,
    operations: 31,
    what: "a plan that fetches what it needs for one type of the object around alone",
  },
  {
    seed: 700063,
    operations: 13,
    what: "a fetch that is needed by what is fetched beside it, where one between them went to an earlier place",
  },
  {
    seed: 730079,
    operations: 13,
    what: "a field that is always skipped, and one that needs it",
  },
  {
    seed: 720147,
    operations: 27,
    what: "two fields of one name that cannot be asked for together, one of them in a fragment without a type",
  },
  {
    seed: 710024,
    operations: 30,
    hasConflicts: true,
    what: "an entity of two interface objects, which was sent as one of them alone",
  },
  {
    seed: 226376416,
    operations: 4,
    hasConflicts: true,
    what: "an entity that lacks what one of two fields of a name of the planner's needs",
  },
  {
    seed: 740009,
    operations: 19,
    what: "an entity of two interface objects, which was sent as each what only one of them needs",
  },
  {
    seed: 730075,
    operations: 8,
    what: "a field with @requires in a fragment that is skipped, which was asked for of the subgraph that the object is of",
  },
  {
    seed: 500008,
    operations: 13,
    hasConflicts: true,
    what: "two fetches that send the same, where one waits for the other: planning did not end",
  },
  {
    seed: 31000078,
    operations: 8,
    hasConflicts: true,
    what: "an error of an entity in a place that another answer has made null",
  },
  {
    seed: 41000617,
    operations: 11,
    what: "a variable that the planner declares and does not use",
  },
  {
    seed: 41000849,
    operations: 8,
    what: "an entity whose key a condition left out, which was sent as a type alone",
  },
  {
    seed: 41000839,
    operations: 26,
    what: "a null that is required, under a name of the planner's",
  },
  {
    seed: 820139,
    operations: 34,
    what: "entities that do not exist beside objects of an interface whose type nobody tells",
  },
])(
  "what long comparisons found is not found again: $what",
  async ({ seed, operations, hasConflicts = false }) => {
    const tally = createTally();
    expect(await runCases({ seed, operations, tally, hasConflicts })).toBe(true);
    expect(tally.cases).toBeGreaterThan(0);
    expect(tally.unplanned).toEqual([]);
  },
);
