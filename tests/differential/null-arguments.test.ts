import { buildSchema, execute, getNamedType, isLeafType, parse } from "graphql";
import { expect, test } from "vitest";
import { ask, subgraph } from "./hand-written.ts";

// A variable that may be null can stand where null is not taken, if the place has a default (GraphQL, section 5.8.5). Where
// a request gives null for it, the field fails (section 6.4.1): it was an internal error of whichever subgraph has it.

const SUBGRAPHS = [
  subgraph(
    "a",
    `type Query { first(first: Int! = 3): Int must(first: Int! = 3): Int! list(l: [Int!] = [1]): Int obj(o: In): Int e: E }
     input In { a: Int! = 2 } type E @key(fields: "id") { id: ID! } type Mutation { do(n: Int! = 1): Int next: Int }`,
  ),
  subgraph("b", `type E @key(fields: "id") { id: ID! far(n: Int! = 2): Int }`),
];

const SCHEMA = buildSchema(
  SUBGRAPHS.map(({ sdl }) => sdl.replaceAll(/@key\(.*?\)/g, ""))
    .join("\n")
    .replace("type E  { id: ID! far", "extend type E { far"),
);

test.each([
  ["query ($n: Int) { first(first: $n) e { id } }", [["first"]]],
  ["query ($n: Int) { e { id far(n: $n) } }", [["e", "far"]]],
  [
    "query ($n: Int) { again: e { ...Far } e { ...Far } } fragment Far on E { far(n: $n) }",
    [
      ["again", "far"],
      ["e", "far"],
    ],
  ],
  ["query ($n: Int) { must(first: $n) e { id } }", [["must"]]],
  ["query ($n: Int = 1) { list(l: [$n]) obj(o: { a: $n }) e { id } }", [["list"], ["obj"]]],
  ["query ($n: Int) { first(first: $n) @include(if: false) e { id } }", []],
  ["mutation ($n: Int) { do(n: $n) next }", [["do"]]],
  ["query One($n: Int) { first(first: $n) } ", [["first"]]],
])("%s with null fails the fields that take none, as graphql-js has it", async (query, paths) => {
  const oracle = execute({
    schema: SCHEMA,
    document: parse(query),
    variableValues: { n: null },
    // Whatever the values are, it is about nulls.
    fieldResolver: (_source, _args, _context, { returnType }) =>
      isLeafType(getNamedType(returnType)) ? 1 : {},
    rootValue: {},
  });
  const { ours, fast } = await ask(SUBGRAPHS, query, { variables: { n: null } });
  for (const { data, errors = [] } of [ours, fast]) {
    expect(errors.map(({ path }) => path)).toEqual(paths);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(paths.map(() => "BAD_USER_INPUT"));
    const expected = (await oracle).errors?.filter(({ message }) => message.startsWith("Argument"));
    expect(errors.map(({ message, path }) => [message, path])).toEqual(
      (expected ?? []).map(({ message, path }) => [message, path]),
    );
    for (const path of paths.filter(([first]) => first !== "must"))
      expect(path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], data)).toBeNull();
    if (query.includes("must")) expect(data).toBeNull();
  }
  // Nobody is asked for what cannot be had.
  for (const { body } of [...ours.calls, ...fast.calls]) expect(body.query).not.toContain("$n");
});

test("the same operation without the variable has the default, before and after one with null", async () => {
  const query = "query ($n: Int) { e { far(n: $n) } }";
  const { ours } = await ask(SUBGRAPHS, query, { variables: {} });
  const { ours: literal } = await ask(SUBGRAPHS, "{ e { far(n: 2) } }");
  expect(ours.data).toEqual(literal.data);
  expect(ours.errors).toBeUndefined();
});

test("null for a condition that takes none is BAD_USER_INPUT for the whole operation", async () => {
  const { ours, fast } = await ask(SUBGRAPHS, "query ($b: Boolean = true) { e @skip(if: $b) { id } }", {
    variables: { b: null },
  });
  for (const { data, errors, calls } of [ours, fast]) {
    expect(data).toBeUndefined();
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
    expect(calls).toEqual([]);
  }
});

test("null for the argument of an introspection field is told as well", async () => {
  const { ours } = await ask(SUBGRAPHS, 'query ($n: String = "E") { __type(name: $n) { name } e { id } }', {
    variables: { n: null },
  });
  expect(ours.data).toEqual({ __type: null, e: { id: expect.any(String) as string } });
  expect(ours.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [["__type"], "BAD_USER_INPUT"],
  ]);
});
