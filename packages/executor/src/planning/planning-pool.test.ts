import { setTimeout as sleep } from "node:timers/promises";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";
import { afterEach, expect, test } from "vitest";
import type { PlannerSource } from "./messages.ts";
import { doubledByAliases, nodesOfTwoTypes, nodesSupergraph } from "./nodes.fixture.ts";
import { PlanningPool, type PlanningPoolOptions } from "./planning-pool.ts";
import { preferResolvableKeys } from "./resolvable-keys.ts";

const supergraphSdl = nodesSupergraph();
const source: PlannerSource = {
  id: 1,
  supergraphSdl,
  config: {},
  recursiveSelectionsLimitDisabled: false,
  nonLocalSelectionsLimitDisabled: false,
};

const pools: PlanningPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.release(source.id);
});

function start(options: Partial<PlanningPoolOptions> = {}) {
  const pool = new PlanningPool(options);
  pools.push(pool);
  return {
    pool,
    plan: (document: string, { selections = 1, milliseconds = 60_000, operationName = "" } = {}) =>
      pool.plan({
        source,
        task: { document, operationName: operationName || undefined },
        selections,
        milliseconds,
      }),
  };
}

/** Takes minutes. */
const endless = nodesOfTwoTypes(14);
const codeOf = (error: unknown) => (error as { extensions?: { code?: string } }).extensions?.code;
const codeOfRejection = (plan: Promise<unknown>) => plan.then(() => "planned", codeOf);

test("a plan that was made in a thread is the one that would have been made here", async () => {
  const supergraph = Supergraph.build(supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  preferResolvableKeys(planner);
  const { plan } = start();
  const operations = [
    "{ user { name } }",
    "{ user { name age friend { name age } } }",
    "query Q($with: Boolean!) { user { name age @include(if: $with) } deep { n @skip(if: $with) } }",
    "mutation { go { age } again: go { name } }",
    "{ node { ...A } } fragment A on Node { id ... on User { age } ... on Post { likes title node { ...B } } } fragment B on Node { id }",
    "{ __typename }",
    nodesOfTwoTypes(3),
    doubledByAliases(4),
  ];
  for (const document of operations) {
    const here = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(document)));
    expect(await plan(document)).toEqual(here);
  }
  const two = "query A { user { name } } query B { user { age } }";
  const named = { operationName: "B" };
  const here = planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(two), named));
  expect(await plan(two, named)).toEqual(here);
});

test("what the planner throws is thrown here, as what it was", async () => {
  const { plan } = start();
  await expect(plan("{ nothing }")).rejects.toMatchObject({
    name: "GraphQLError",
    message: expect.stringContaining("nothing") as string,
  });
  await expect(plan("{")).rejects.toThrow("Syntax Error");
  expect((await plan("{ user { name } }")).node).toMatchObject({ kind: "Fetch" });
});

test("a plan that takes too long is ended while others go on, and the next one is made", async () => {
  const { plan } = start();
  await plan("{ user { name } }");
  let turns = 0;
  const counting = setInterval(() => turns++, 10);
  expect(await codeOfRejection(plan(endless, { milliseconds: 1_000 }))).toBe("QUERY_PLANNING_TIMEOUT");
  clearInterval(counting);
  // A thread that is blocked would have had no turns.
  expect(turns).toBeGreaterThan(5);
  expect((await plan("{ user { name } }")).node).toMatchObject({ kind: "Fetch" });
});

test("large operations are planned one at a time, and never keep small ones from being planned", async () => {
  const { pool, plan } = start({ patienceMilliseconds: 1 });
  const large = Array.from({ length: 3 }, () =>
    codeOfRejection(plan(endless, { selections: 1_000, milliseconds: 600_000 })),
  );
  for (let each = 0; each < 5; each++) expect((await plan("{ user { age } }")).node).toBeDefined();
  expect(pool.threads).toBe(2);
  pool.hurry(source.id, 0);
  expect(new Set(await Promise.all(large))).toEqual(
    new Set(["QUERY_PLANNING_TIMEOUT", "QUERY_PLANNING_OVERLOADED"]),
  );
});

test("a plan that needs more memory than a thread may take ends the thread alone", async () => {
  const { plan } = start({ heapMegabytes: 48 });
  expect(await codeOfRejection(plan(doubledByAliases(16)))).toBe("QUERY_TOO_LARGE");
  expect((await plan("{ user { name } }")).node).toMatchObject({ kind: "Fetch" });
});

test("a plan that is too long to be compiled is rejected", async () => {
  const { plan } = start({ maxPlanLength: 1_000 });
  await expect(plan(doubledByAliases(6))).rejects.toThrow(/plan of the operation is \d+ characters long/);
  expect((await plan("{ user { name } }")).node).toMatchObject({ kind: "Fetch" });
});

test("who waits too long for a turn, or finds too many waiting, is told to try again", async () => {
  const { pool, plan } = start({ maxThreads: 1, maxWaiting: 2 });
  await plan("{ user { name } }");
  const first = codeOfRejection(plan(endless));
  const waiting = [1, 2].map(() => codeOfRejection(plan("{ user { name } }", { milliseconds: 50 })));
  expect(await codeOfRejection(plan("{ user { name } }"))).toBe("QUERY_PLANNING_OVERLOADED");
  expect(await Promise.all(waiting)).toEqual(["QUERY_PLANNING_OVERLOADED", "QUERY_PLANNING_OVERLOADED"]);
  pool.hurry(source.id, 0);
  expect(await first).toBe("QUERY_PLANNING_TIMEOUT");
});

test("in a hurry, plans that are yet to come have no longer than those under way", async () => {
  const { pool, plan } = start();
  await plan("{ user { name } }");
  pool.hurry(source.id, 300);
  expect(await codeOfRejection(plan(endless))).toBe("QUERY_PLANNING_TIMEOUT");
});

test("the threads end with the last supergraph, whatever they are at", async () => {
  const { pool, plan } = start();
  await plan("{ user { name } }");
  const running = codeOfRejection(plan(endless));
  await sleep(50);
  pool.release(source.id);
  expect(pool.threads).toBe(0);
  expect(await running).toBeUndefined();
});

test("a supergraph that cannot be loaded is told with each plan, and costs others nothing", async () => {
  const { pool, plan } = start();
  const broken = { ...source, id: 2, supergraphSdl: "type Query { a: Int }" };
  const task = { document: "{ a }", operationName: undefined };
  pool.prepare(broken);
  for (let each = 0; each < 2; each++) {
    const request = { source: broken, task, selections: 1, milliseconds: 60_000 };
    await expect(pool.plan(request)).rejects.toThrow(/supergraph/i);
  }
  expect((await plan("{ user { name } }")).node).toMatchObject({ kind: "Fetch" });
  pool.release(broken.id);
  expect(pool.threads).toBe(1);
});
