import { expect, test } from "vitest";
import { json } from "./broken-calls.ts";
import { ask, subgraph } from "./hand-written.ts";

test("what is required is sent also where it is null or 0 and came by another name", async () => {
  const typesWith = (ofE: string, ofF: string) =>
    `type E @key(fields: "id") { id: ID! ${ofE} } type F @key(fields: "id") { id: ID! ${ofF} }`;
  let renamed = "";
  const external = (type: string) => `size: ${type} @external sum: Int @requires(fields: "size")`;
  const { stock, ours } = await ask(
    [
      subgraph("a", `type Query { any: [Any] } union Any = E | F ${typesWith("", "")}`),
      subgraph("b", typesWith("size: [Int]", "size: Int")),
      subgraph("c", typesWith(external("[Int]"), external("Int"))),
    ],
    "{ any { ... on E { sum } ... on F { sum } } }",
    {
      answer({ subgraph: name, body, representations }) {
        // The type whose field is asked for by another name, as the two cannot be by the same.
        if (name === "b") renamed = /on (\w)\{size__alias_0:/.exec(body)?.[1] ?? "";
        if (name === "b")
          return answerWith({ data: { _entities: [0, null].map((size) => ({ size__alias_0: size })) } });
        if (name === "a")
          return answerWith({ data: { any: ["1", "2"].map((id) => ({ __typename: "F", id })) } });
        return answerWith({ data: { _entities: representations?.map((_, index) => ({ sum: index + 1 })) } });
      },
    },
  );
  expect(renamed).toBe("F");
  expect(ours.data).toEqual({ any: [{ sum: 1 }, { sum: 2 }] });
  expect(stock.data).toEqual({ any: [{ sum: null }, { sum: null }] });
});

function answerWith(result: unknown) {
  return json(JSON.stringify(result));
}
