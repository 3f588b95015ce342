import { expect, test } from "vitest";
import type { Faults } from "./faults.ts";
import { createGatewayPair } from "./gateways.ts";
import { composeSubgraphs, type SubgraphText } from "./supergraph.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const NO_FAULTS: Faults = {
  names: [],
  fails: () => false,
  isMissing: () => false,
  answer: (_call, result) => ({
    status: 200,
    statusText: "OK",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(result),
  }),
};

function subgraph(name: string, sdl: string): SubgraphText {
  return { name, sdl, requires: new Map() };
}

const SUBGRAPHS = [
  subgraph("a", `type Query { one(n: Int): E! } type E @key(fields: "id") { id: ID! }`),
  subgraph("b", `type E @key(fields: "id") { id: ID! next: E! label: String! }`),
  subgraph("c", `type E @key(fields: "id") { id: ID! name(n: Int): String! }`),
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
  const supergraph = composeSubgraphs(SUBGRAPHS);
  if (supergraph === null) throw new Error("The subgraphs do not compose.");
  const pair = await createGatewayPair(supergraph);
  try {
    const { stock, ours } = await pair.run({ query, variables: {} }, NO_FAULTS);
    expect(JSON.stringify(ours.data)).toBe(JSON.stringify(stock.data));
    expect(ours.errors).toBeUndefined();
    expect(ours.calls).toHaveLength(calls);
  } finally {
    await pair.stop();
  }
});
