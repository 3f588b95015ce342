import { expect, test } from "vitest";
import { ask, subgraph } from "./hand-written.ts";

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
