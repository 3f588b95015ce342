import { expect, test } from "vitest";
import { json, type WireAnswer } from "./broken-calls.ts";
import { ask, subgraph } from "./hand-written.ts";
import type { Outcome } from "./outcome.ts";

// Where Apollo Gateway 2.14 breaks the specification, or gives up. Each test says what is right, and that stock is not.

function wire(result: unknown): WireAnswer {
  return json(JSON.stringify(result));
}

test("required lists of lists of objects are sent as they are, not as nulls", async () => {
  const cell = "type Cell @shareable { x: Int! }";
  const { stock, ours } = await ask(
    [
      subgraph("a", `type Query { one: E! } type E @key(fields: "id") { id: ID! grid: [[Cell!]!]! } ${cell}`),
      subgraph(
        "b",
        `type E @key(fields: "id") { id: ID! grid: [[Cell!]!]! @external sum: String! @requires(fields: "grid { x }") } ${cell}`,
      ),
    ],
    "{ one { sum grid { x } } }",
  );
  const sent = ({ calls }: Outcome) =>
    (calls[1]?.body.variables?.representations as { grid: unknown }[] | undefined)?.[0]?.grid;
  const { grid } = (ours.data as { one: { grid: unknown[][] } }).one;
  expect(grid.length).toBeGreaterThan(0);
  expect(sent(ours)).toEqual(grid);
  expect(sent(stock)).toEqual(grid.map(() => null));
});

test("a field in a fragment on an interface in a fragment on a union is there, with the type known from the schema", async () => {
  const { stock, ours } = await ask(
    [
      subgraph(
        "a",
        `type Query { one: E! either: Either } interface Node { id: ID! } union Either = E | F
         type E implements Node @key(fields: "id") { id: ID! } type F implements Node @key(fields: "id") { id: ID! }`,
      ),
    ],
    "{ one { ... on Either { ... on Node { id } } } }",
  );
  expect(ours.data).toEqual({ one: { id: expect.any(String) as string } });
  expect(JSON.stringify(stock.data)).toBe('{"one":{}}');
});

test("fields come in the order in which they are met, also with fragments on the same type in between", async () => {
  const { stock, ours } = await ask(
    [
      subgraph(
        "a",
        `type Query { node: Node! } interface Node { id: ID! p: Int! q: Int! }
         type E implements Node @key(fields: "id") { id: ID! p: Int! q: Int! r: Int! }`,
      ),
    ],
    "{ node { ... on E { p } id ... on E { q r } } }",
  );
  const keys = ({ data }: Outcome) => Object.keys((data as { node: object }).node);
  expect(keys(ours)).toEqual(["p", "id", "q", "r"]);
  expect(keys(stock)).toEqual(["p", "q", "r", "id"]);
});

test("a value of the wrong shape fails its field, not the whole operation", async () => {
  const { stock, ours } = await ask(
    [subgraph("a", `type Query { list: [Int] leaf: Int! object: E } type E @key(fields: "id") { id: ID! }`)],
    "{ list leaf object { id } }",
    { answer: () => wire({ data: { list: "no list", leaf: 1, object: 7 } }) },
  );
  expect(ours.data).toEqual({ list: null, leaf: 1, object: null });
  expect(ours.extensions?.valueCompletion?.map(({ path }) => path)).toEqual([["list"], ["object"]]);
  expect(stock.data).toBeUndefined();
});

test("the path of an entity's error is that of the entity, also where others of the list were not sent", async () => {
  const { stock, ours } = await ask(
    [
      subgraph(
        "a",
        `type Query { many: [Either!]! } union Either = E | F
         type E @key(fields: "id") { id: ID! } type F @key(fields: "id") { id: ID! }`,
      ),
      subgraph("b", `type F @key(fields: "id") { id: ID! name: String }`),
    ],
    "{ many { __typename ... on F { name } } }",
    {
      answer: ({ subgraph: name }) =>
        name === "b"
          ? wire({ data: { _entities: [null] }, errors: [{ message: "Gone", path: ["_entities", 0] }] })
          : wire({ data: { many: [{ __typename: "E" }, { __typename: "F", id: "1" }] } }),
    },
  );
  expect(ours.errors?.map(({ path }) => path)).toEqual([["many", 1]]);
  expect(stock.errors?.map(({ path }) => path)).toEqual([["many", 0]]);
});

test("the path of an entity's error is that of the entity, also where a list is in the place of one before it", async () => {
  const { ours } = await ask(
    [
      subgraph("a", `type Query { many: [Box] } type Box { e: E } type E @key(fields: "id") { id: ID! }`),
      subgraph("b", `type E @key(fields: "id") { id: ID! name: String }`),
    ],
    "{ many { e { name } } }",
    {
      answer: ({ subgraph: name }) =>
        name === "b"
          ? wire({ data: { _entities: [null] }, errors: [{ message: "Gone", path: ["_entities", 0] }] })
          : wire({ data: { many: [{ e: [{}] }, { e: { __typename: "E", id: "1" } }] } }),
    },
  );
  expect(ours.errors?.map(({ path }) => path)).toEqual([["many", 1, "e"]]);
});

test("an interface object whose type cannot be told is null with an error", async () => {
  const { stock, ours } = await ask(
    [
      subgraph(
        "a",
        `type Query { x: Int } interface Media @key(fields: "id") { id: ID! }
         type Book implements Media @key(fields: "id") { id: ID! }`,
      ),
      subgraph(
        "b",
        `type Query { top: Media } type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }`,
      ),
    ],
    "{ top { __typename score } }",
    {
      answer: ({ subgraph: name }) =>
        name === "a"
          ? wire({ data: { _entities: [{}] } })
          : wire({ data: { top: { __typename: "Media", id: "1", score: 3 } } }),
    },
  );
  expect(ours.data).toEqual({ top: null });
  expect(ours.errors?.map(({ message, path }) => [message, path])).toEqual([
    ["Cannot tell the type of an object of the interface Media.", ["top"]],
  ]);
  expect(JSON.stringify(stock.data)).toBe('{"top":null}');
  expect(stock.errors).toBeUndefined();
  expect(stock.extensions).toBeUndefined();
});

test("an entity that its interface's own subgraph does not know is null without an error, also where its type is asked for", async () => {
  const { stock, ours, fast } = await ask(
    [
      subgraph(
        "a",
        `type Query { x: Int } interface Media @key(fields: "id") { id: ID! }
         type Book implements Media @key(fields: "id") { id: ID! }`,
      ),
      subgraph(
        "b",
        `type Query { all: [Media] } type Media @key(fields: "id") @interfaceObject { id: ID! score: Int }`,
      ),
    ],
    "{ all { __typename score } }",
    {
      answer: ({ subgraph: name }) =>
        name === "a"
          ? wire({ data: { _entities: [null, { __typename: "Book" }] } })
          : wire({ data: { all: ["1", "2"].map((id) => ({ __typename: "Media", id, score: 3 })) } }),
    },
  );
  for (const { data, errors } of [stock, ours, fast]) {
    expect(data).toEqual({ all: [null, { __typename: "Book", score: 3 }] });
    expect(errors).toBeUndefined();
  }
});

test("what no subgraph can tell is null with an error at its place, not without one", async () => {
  const nodes = [
    subgraph(
      "a",
      `type Query { a: Node must: Node! top: Box x: Int } type Box { node: Node n: Int }
       interface Node @key(fields: "id") { id: ID! }`,
    ),
    subgraph(
      "b",
      `type Query { b: Node } type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: Int }`,
    ),
  ];
  // No object type of a's is a Node, so that nothing can be asked of one there.
  const told = {
    answer: () => wire({ data: { x: 1, top: { n: 2 } } }),
  };
  const cases = [
    ["{ a { field } }", { a: null }, ["a"]],
    ["{ x other: a { field } }", { x: 1, other: null }, ["other"]],
    ["{ x must { field } }", null, ["must"]],
    ["{ x top { n node { field } } }", { x: 1, top: { n: 2, node: null } }, ["top", "node"]],
  ] as const;
  for (const [query, data, path] of cases) {
    const { stock, ours, fast } = await ask(nodes, query, told);
    for (const each of [ours, fast]) {
      expect(each.data).toEqual(data);
      expect(each.errors?.map((error) => error.path)).toEqual([path]);
      expect(each.errors?.map((error) => error.extensions["code"])).toEqual(["UNRESOLVABLE_FIELD"]);
    }
    expect(stock.errors).toBeUndefined();
  }
});

test("an error of an entity that is in many places is told at each of them, and the entity is asked for once", async () => {
  const { stock, ours } = await ask(
    [
      subgraph("a", `type Query { many: [E!]! } type E @key(fields: "id") { id: ID! }`),
      subgraph("b", `type E @key(fields: "id") { id: ID! name: String }`),
    ],
    "{ many { id name } }",
    {
      answer: ({ subgraph: name, representations = [] }) =>
        name === "b"
          ? wire({
              data: { _entities: representations.map(() => ({ name: null })) },
              errors: representations.map((_, index) => ({
                message: "Gone",
                path: ["_entities", index, "name"],
              })),
            })
          : wire({ data: { many: ["1", "2", "1"].map((id) => ({ __typename: "E", id })) } }),
    },
  );
  const paths = [0, 1, 2].map((index) => ["many", index, "name"]);
  expect(ours.errors?.map(({ path }) => path).sort()).toEqual(paths);
  expect(stock.errors?.map(({ path }) => path).sort()).toEqual(paths);
  expect(ours.calls[1]?.body.variables?.representations).toHaveLength(2);
  expect(stock.calls[1]?.body.variables?.representations).toHaveLength(3);
});

const POSTS = [
  subgraph(
    "a",
    `type Query { post: Post! } type Post @key(fields: "id") { id: ID! count(limit: Int): Int! comments(limit: Int): [Comment!]! name: String! }
     type Comment @key(fields: "id") { id: ID! }`,
  ),
  subgraph(
    "b",
    `type Post @key(fields: "id") {
       id: ID! count(limit: Int): Int! @external comments(limit: Int): [Comment!]! @external
       top: String! @requires(fields: "comments(limit: 3) { id }") double: String! @requires(fields: "count(limit: 3)")
     }
     type Comment @key(fields: "id") { id: ID! @external }`,
  ),
];

test.each([
  ["comments(limit: 6) { id }", "top", "comments"],
  ["count(limit: 2)", "double", "count"],
])("a client's %s does not get in the way of what %s requires", async (selection, field, name) => {
  const alone = async (query: string) =>
    (await ask(POSTS, query)).ours.data as { post: Record<string, unknown> };
  const { stock, ours } = await ask(POSTS, `{ post { ${selection} ${field} } }`);
  const expected = {
    ...(await alone(`{ post { ${selection} } }`)).post,
    ...(await alone(`{ post { ${field} } }`)).post,
  };
  expect(JSON.stringify(ours.data)).toBe(JSON.stringify({ post: expected }));
  expect(Object.keys(expected)).toEqual([name, field]);
  expect(JSON.stringify(stock.data)).not.toBe(JSON.stringify(ours.data));
});

test("an error of a field that was renamed for the plan has the client's path", async () => {
  const { ours } = await ask(POSTS, "{ post { count(limit: 1) double } }", {
    fails: (about) => about.includes("count") && about.includes('"limit":1'),
  });
  expect(ours.errors?.map(({ path }) => path)).toEqual([["post", "count"]]);
});

test("a client's alias that is the name of a key does not get in the way of the key", async () => {
  const { post } = (await ask(POSTS, "{ post { name top } }")).ours.data as {
    post: { name: string; top: string };
  };
  const { ours } = await ask(POSTS, "{ post { id: name top } }");
  expect(ours.data).toEqual({ post: { id: post.name, top: post.top } });
});

const MEDIA = [
  subgraph(
    "a",
    `type Query { x: Int } interface Media @key(fields: "id") { id: ID! }
     type Film implements Media @key(fields: "id") { id: ID! length: Int! }`,
  ),
  subgraph(
    "b",
    `type Query { top: Media! } type Media @key(fields: "id") @interfaceObject { id: ID! score: Int! }`,
  ),
];

test("what an entity is, is not forgotten where a subgraph knows it by its interface alone", async () => {
  const { stock, ours, fast } = await ask(MEDIA, "{ top { ... on Film { __typename score length } } }");
  const expected = {
    top: { __typename: "Film", score: expect.any(Number) as number, length: expect.any(Number) as number },
  };
  expect(ours.data).toEqual(expected);
  expect(fast.data).toEqual(expected);
  expect(JSON.stringify(stock.data)).toBe('{"top":{}}');
});

test("a type in a fragment on an interface is that of the object, also where a subgraph did not tell it", async () => {
  const { stock, ours, fast } = await ask(
    [
      subgraph(
        "a",
        `type Query { one: E } interface Node { id: ID! } type E implements Node @key(fields: "id") { id: ID! x: Int }`,
      ),
    ],
    "{ one { ... on Node { __typename } x } }",
    { answer: () => wire({ data: { one: { unasked: 1 } } }) },
  );
  expect(ours.data).toEqual({ one: { __typename: "E", x: null } });
  expect(fast.data).toEqual(ours.data);
  expect(stock.data).toEqual({ one: null });
});
