import { expect, test } from "vitest";
import { json } from "./broken-calls.ts";
import { NO_FAULTS } from "./faults.ts";
import { startGateways } from "./gateways.ts";
import { subgraph } from "./hand-written.ts";
import { composeSubgraphs } from "./supergraph.ts";

const SUBGRAPHS = [
  subgraph(
    "a",
    `type Query { one: E } type E @key(fields: "id") { id: ID! peer: F @shareable } type F @key(fields: "id") { id: ID! }`,
  ),
  subgraph(
    "b",
    `type E @key(fields: "id") { id: ID! peer: F @shareable }
     type F @key(fields: "id", resolvable: false) { id: ID! size: Int }`,
  ),
  subgraph("c", `type F @key(fields: "id") { id: ID! label: String }`),
];

const ANSWERS: Readonly<Record<string, unknown>> = {
  a: { data: { one: { __typename: "E", id: "1", peer: { __typename: "F", id: "2" } } } },
  b: { data: { _entities: [{ peer: null }] } },
  c: {
    data: { _entities: [{ label: null }] },
    errors: [{ message: "Lost", path: ["_entities", 0, "label"], extensions: { code: "ODD" } }],
  },
};

// Two calls are under way together, and one's answer has null where the other one's entity is.
test.each([
  [["a", "b", "c"], ["label"]],
  [
    ["a", "c", "b"],
    ["one", "peer", "label"],
  ],
])("an error of an entity is told also where its place is gone, with answers of %j", async (order, path) => {
  const gateways = await startGateways(composeSubgraphs(SUBGRAPHS));
  try {
    const each = {
      operation: { query: "{ one { peer { size label } } }", variables: {} },
      faults: {
        ...NO_FAULTS,
        answer: ({ subgraph: name }: { readonly subgraph: string }) => json(JSON.stringify(ANSWERS[name])),
      },
      order,
    };
    for (const { data, errors } of [
      await gateways.stock(each),
      await gateways.ours(each),
      await gateways.fast(each),
    ]) {
      expect(data).toEqual({ one: { peer: null } });
      expect(errors?.map((error) => [error.message, error.path, error.extensions])).toEqual([
        ["Lost", path, { code: "ODD", serviceName: "c" }],
      ]);
    }
  } finally {
    await gateways.stop();
  }
});
