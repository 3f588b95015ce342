import { expect, test } from "vitest";
import { ask, subgraph } from "./hand-written.ts";

// No name that a client may choose collides with one of the executor's or the planner's.

const SUBGRAPHS = [
  subgraph("a", `type Query { e: E both(n: Int, s: String): E } type E @key(fields: "id") { id: ID! }`),
  subgraph("b", `type E @key(fields: "id") { id: ID! far(n: Int): Int }`),
];

/** The same operation, with names that are nobody's. */
async function plain(query: string, variables: Record<string, unknown>) {
  const { ours } = await ask(SUBGRAPHS, query, { variables });
  return Object.values((ours.data as { e: object }).e);
}

test.each([
  {
    query: "query ($representations: Int) { e { far(n: $representations) } }",
    variables: { representations: 3 },
    same: "{ e { far(n: 3) } }",
  },
  {
    query: "query ($representations: Int = 2) { e { far(n: $representations) } }",
    variables: {},
    same: "{ e { far(n: 2) } }",
  },
  {
    query:
      "query ($representations: Int, $representations_: Int) { e { far(n: $representations) x: far(n: $representations_) } }",
    variables: { representations: 3, representations_: 4 },
    same: "{ e { far(n: 3) x: far(n: 4) } }",
  },
  {
    query: "query ($representations: Boolean!) { e { far(n: 1) x: far(n: 2) @skip(if: $representations) } }",
    variables: { representations: true },
    same: "{ e { far(n: 1) } }",
  },
  {
    query:
      "query representations__b__1 { e { ..._entities } } fragment _entities on E { representations: far(n: 1) }",
    variables: {},
    same: "{ e { far(n: 1) } }",
  },
  {
    query: "{ e { far__alias_0: far(n: 1) far__alias_1: far(n: 2) far_asked: far(n: 3) far } }",
    variables: {},
    same: "{ e { a: far(n: 1) b: far(n: 2) c: far(n: 3) far } }",
  },
  {
    query: "{ e { __typename: far(n: 1) } }",
    variables: {},
    same: "{ e { far(n: 1) } }",
  },
])("$query", async ({ query, variables, same }) => {
  const expected = await plain(same, {});
  const { ours, fast } = await ask(SUBGRAPHS, query, { variables });
  for (const { data, errors, thrown } of [ours, fast]) {
    expect(thrown).toBeUndefined();
    expect(errors).toBeUndefined();
    expect(Object.values((data as { e: object }).e)).toEqual(expected);
  }
});

test("a value that a variable does not take is told of by the client's name", async () => {
  const { ours } = await ask(SUBGRAPHS, "query ($representations: Int) { e { far(n: $representations) } }", {
    variables: { representations: "x" },
  });
  expect(ours.errors?.[0]?.message).toContain('Variable "$representations" got invalid value "x"');
  expect(ours.calls).toEqual([]);
});
