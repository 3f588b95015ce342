import { expect, test } from "vitest";
import { json, type WireAnswer } from "./broken-calls.ts";
import { ask, subgraph } from "./hand-written.ts";

// What a subgraph answers may be no answer to what it was asked, in part: that part is lost, and nothing beside it.

function wire(result: unknown): WireAnswer {
  return json(JSON.stringify(result));
}

test("an entity that is no object costs its fields, not those of the entities behind it", async () => {
  const { stock, ours, fast } = await ask(
    [
      subgraph("a", `type Query { many: [E!]! } type E @key(fields: "id") { id: ID! }`),
      subgraph("b", `type E @key(fields: "id") { id: ID! name: String }`),
    ],
    "{ many { id name } }",
    {
      answer: ({ subgraph: name }) =>
        name === "b"
          ? wire({ data: { _entities: [7, { name: "second" }] } })
          : wire({ data: { many: ["1", "2"].map((id) => ({ __typename: "E", id })) } }),
    },
  );
  const expected = {
    many: [
      { id: "1", name: null },
      { id: "2", name: "second" },
    ],
  };
  expect(ours.data).toEqual(expected);
  expect(fast.data).toEqual(expected);
  expect(stock.errors?.[0]?.message).toContain("Cannot create property");
});

const ODD_PATH = { message: "Odd", extensions: { code: "ODD" } };
const NAMELESS = 'Error while fetching subquery from service "b"';

test.each([
  ["a path that is an object", [{ ...ODD_PATH, path: { 1: 0 } }], "Odd", "ODD"],
  [
    "a path that is an object, of an entity that was not asked for",
    [{ ...ODD_PATH, path: { 1: 9 } }],
    "Odd",
    "ODD",
  ],
  ["a path that is text", [{ ...ODD_PATH, path: "_entities/0" }], "Odd", "ODD"],
  ["a path with an object in it", [{ ...ODD_PATH, path: ["_entities", 0, {}] }], "Odd", "ODD"],
  ["null for a path", [{ ...ODD_PATH, path: null }], "Odd", "ODD"],
  ["null for an error", [null], NAMELESS, "DOWNSTREAM_SERVICE_ERROR"],
  ["text for an error", ["Odd"], NAMELESS, "DOWNSTREAM_SERVICE_ERROR"],
  ["an object for the list of errors", { message: "Odd" }, NAMELESS, "DOWNSTREAM_SERVICE_ERROR"],
])("%s costs no data, and is told with its code and whose it is", async (_, told, message, code) => {
  const { ours, fast } = await ask(
    [
      subgraph("a", `type Query { many: [E!]! } type E @key(fields: "id") { id: ID! }`),
      subgraph("b", `type Query { x: Int } type E @key(fields: "id") { id: ID! name: String }`),
    ],
    "{ x many { id name } }",
    {
      answer: ({ subgraph: name, representations }) => {
        if (name === "a") return wire({ data: { many: [{ __typename: "E", id: "1" }] } });
        const data = representations === undefined ? { x: 1 } : { _entities: [{ name: "first" }] };
        return wire({ data, errors: told });
      },
    },
  );
  for (const { data, errors } of [ours, fast]) {
    expect(data).toEqual({ x: 1, many: [{ id: "1", name: "first" }] });
    const each = errors?.map((error) => [error.message, error.path, error.extensions]);
    const expected = [message, undefined, expect.objectContaining({ code, serviceName: "b" })];
    expect(each).toEqual([expected, expected]);
  }
});
