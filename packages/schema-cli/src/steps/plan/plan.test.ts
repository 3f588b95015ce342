import { describe, expect, test } from "vitest";
import { type ContextOptions, context } from "../context.fixture.ts";
import { measurePlan } from "./metrics.ts";
import { planStep } from "./plan.ts";

const run = async (options: ContextOptions) => planStep.run(context(options));
const operations = ["query Q { users { name phone } }"];
const together = `type Query { users: [User!]! } type User @key(fields: "id") { id: ID! name: String phone: String }`;
const users = `type Query { users: [User!]! } type User @key(fields: "id") { id: ID! name: String }`;
const phones = `type User @key(fields: "id") { id: ID! phone: String }`;

describe("plan", () => {
  test("finds an operation that needs another subgraph now", async () => {
    const { findings } = await run({ base: { users: together }, head: { users, phones }, operations });
    expect(findings).toMatchObject([
      {
        code: "PLAN_WORSE",
        severity: "error",
        places: [{ file: "Q.graphql", line: 1 }],
        before: "Q: 1 fetch, 1 step in sequence, entities 0 fields deep",
        after: "Q: 2 fetches, 2 steps in sequence, entities 1 field deep",
      },
    ]);
    expect((await run({ base: { users, phones }, head: { users: together }, operations })).findings).toEqual(
      [],
    );
  });

  test("lets thresholds pass, each on its own", async () => {
    const worse = { base: { users: together }, head: { users, phones }, operations };
    const cost = { factor: 1 };
    const found = async (plan: { fetches: number; depth: number; sequential: number }) =>
      (await run({ ...worse, thresholds: { plan, cost } })).findings.map(
        ({ message }) => /\((.*?)\)/.exec(message)?.[1],
      );
    expect(await found({ fetches: 1, depth: 1, sequential: 1 })).toEqual([]);
    expect(await found({ fetches: 0, depth: 1, sequential: 1 })).toEqual(["fetches"]);
    expect(await found({ fetches: 1, depth: 0, sequential: 1 })).toEqual(["depth"]);
    expect(await found({ fetches: 1, depth: 1, sequential: 0 })).toEqual(["sequential"]);
  });

  test("leaves operations alone that run on one side only", async () => {
    const broken = ["query Q { users { name gone } }"];
    expect(
      (await run({ base: { users: together }, head: { users, phones }, operations: broken })).findings,
    ).toEqual([]);
  });

  test("is skipped without operations, and where the supergraph is the same", async () => {
    const base = { users: together };
    expect(await run({ base, head: { users, phones } })).toMatchObject({ outcome: "skipped" });
    expect(await run({ base, head: base, operations })).toMatchObject({ outcome: "skipped" });
  });
});

describe("measurePlan", () => {
  const fetch = {
    kind: "Fetch",
    serviceName: "a",
    operation: "{ a }",
    operationName: undefined,
    operationKind: "query",
  } as never;
  const flat = (...path: string[]) => ({ kind: "Flatten", path, node: fetch }) as never;

  test.each([
    ["nothing", undefined, { fetches: 0, depth: 0, sequential: 0 }],
    ["one fetch", fetch, { fetches: 1, depth: 0, sequential: 1 }],
    [
      "parallel in sequence",
      {
        kind: "Sequence",
        nodes: [fetch, { kind: "Parallel", nodes: [flat("a", "@"), flat("a", "@", "b")] }],
      },
      { fetches: 3, depth: 2, sequential: 2 },
    ],
    [
      "the larger branch of a condition",
      {
        kind: "Condition",
        condition: "x",
        ifClause: fetch,
        elseClause: { kind: "Sequence", nodes: [fetch, flat("a")] },
      },
      { fetches: 2, depth: 1, sequential: 2 },
    ],
    [
      "a subscription",
      { kind: "Subscription", primary: fetch, rest: flat("a") },
      { fetches: 2, depth: 1, sequential: 2 },
    ],
    [
      "a deferred part",
      {
        kind: "Defer",
        primary: { node: fetch },
        deferred: [{ depends: [], queryPath: [], node: flat("a") }],
      },
      { fetches: 2, depth: 1, sequential: 2 },
    ],
  ])("counts %s", (_, node, metrics) => {
    expect(measurePlan({ kind: "QueryPlan", node: node as never })).toEqual(metrics);
  });
});
