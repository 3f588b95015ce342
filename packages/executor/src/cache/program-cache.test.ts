import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import { type GraphQLSchema, parse } from "graphql";
import { afterEach, expect, test, vi } from "vitest";
import { accountsAndReviews, answerFor } from "../gateway/supergraph.fixture.ts";
import { planningPool } from "../planning/planning-pool.ts";
import { TributaryGateway, type TributaryGatewayOptions } from "../gateway/tributary-gateway.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const logger = { debug() {}, info() {}, warn() {}, error() {} };

async function start(options: TributaryGatewayOptions = {}) {
  const transport = {
    send: async ({ body }: { body: string }) => ({
      status: 200,
      statusText: "OK",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(answerFor(body)),
    }),
    close: async () => {},
  };
  const gateway = new TributaryGateway(
    { supergraphSdl: accountsAndReviews("http://subgraph.invalid/"), logger },
    { transport, ...options },
  );
  const { schema } = await gateway.load();
  cleanups.push(() => gateway.stop());
  const run = (query: string, variables = {}) => gateway.executor(request(schema, query, variables));
  const stats = () => gateway.programCacheStats!;
  return { run, stats };
}

/** What Apollo Server would hand over. */
function request(schema: GraphQLSchema, query: string, variables: object): GatewayGraphQLRequestContext {
  return {
    request: { query, variables },
    document: parse(query),
    queryHash: createHash("sha256").update(query).digest("hex"),
    schema,
    logger,
    context: {},
    metrics: {},
  } as never;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("10,000 different operations take no more memory than the bound allows", async () => {
  const limitBytes = 4 * 2 ** 20;
  const { run, stats } = await start({ programCacheBytes: limitBytes });
  const heap = async () => {
    // What requests leave behind is let go of once their promises are done.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  await run("{ me { id } }");
  const before = await heap();
  for (let index = 0; index < 10_000; index++) {
    const { errors } = await run(`{ me { alias${index}: name reviews(first: ${index}) { body } } }`);
    expect(errors).toBeUndefined();
    expect(stats().bytes).toBeLessThanOrEqual(limitBytes);
  }
  const { operations, evictions, misses, plans, bytes } = stats();
  expect({ misses, plans, both: operations + evictions }).toEqual({
    misses: 10_001,
    plans: 10_001,
    both: 10_001,
  });
  expect(operations).toBeGreaterThan(100);
  expect(bytes).toBeGreaterThan(limitBytes / 2);
  // They take many times as much where nothing is dropped.
  expect((await heap()) - before).toBeLessThan(limitBytes * 2);
});

test("one operation with many conditions keeps within the bound, the combinations used last", async () => {
  const limitBytes = 2 ** 19;
  const { run, stats } = await start({ programCacheBytes: limitBytes });
  const names = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const query = `query Q(${names.map((name) => `$${name}: Boolean!`).join(" ")}) {
    me { id ${names.map((name) => `${name}: name @include(if: $${name})`).join(" ")} }
  }`;
  for (let index = 0; index < 1024; index++) {
    const variables = Object.fromEntries(names.map((name, bit) => [name, (index & (1 << bit)) !== 0]));
    const { data } = await run(query, variables);
    expect(Object.keys((data as { me: object }).me)).toHaveLength(
      1 + Object.values(variables).filter(Boolean).length,
    );
    expect(stats().bytes).toBeLessThanOrEqual(limitBytes);
  }
  const { operations, programs, compiled, plans } = stats();
  expect({ operations, compiled, plans }).toEqual({ operations: 1, compiled: 1024, plans: 1 });
  expect(programs).toBeLessThan(200);
  const all = Object.fromEntries(names.map((name) => [name, true]));
  await run(query, all);
  expect(stats().compiled).toBe(1024);
});

test("an operation is planned once and compiled once for each value of its conditions, however many requests wait", async () => {
  const { run, stats } = await start({ fastAfterRuns: Infinity });
  const build = vi.spyOn(planningPool, "plan");
  const query = "query Q($with: Boolean!) { me { id name @include(if: $with) } }";
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => run(query, { with: index % 2 === 0 })),
  );
  expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(2);
  expect(build).toHaveBeenCalledTimes(1);
  expect(stats()).toMatchObject({ hits: 19, misses: 1, plans: 1, compiled: 2, programs: 2, operations: 1 });
  expect(stats().planMilliseconds).toBeGreaterThan(0);
  expect(stats().compileMilliseconds).toBeGreaterThan(0);
});

test("waiting requests share a program also where there is no room to keep it", async () => {
  const { run, stats } = await start({ programCacheBytes: 1, fastAfterRuns: Infinity });
  const queries = ["{ me { id } }", "{ me { name } }"];
  await Promise.all(Array.from({ length: 20 }, (_, index) => run(queries[index % 2]!)));
  expect(stats()).toMatchObject({ plans: 2, compiled: 2, operations: 1, evictions: 1 });
});

test("a plan that failed is told to all who wait, and made again for the next", async () => {
  const { run, stats } = await start();
  const build = vi.spyOn(planningPool, "plan").mockRejectedValueOnce(new Error("No plan today."));
  const failed = await Promise.allSettled(Array.from({ length: 3 }, () => run("{ me { id } }")));
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(stats()).toMatchObject({ operations: 0, bytes: 0, plans: 0 });
  expect((await run("{ me { id } }")).data).toMatchObject({ me: { id: "1" } });
  expect(build).toHaveBeenCalledTimes(2);
});

test("code that is generated later counts too", async () => {
  const { run, stats } = await start({ fastAfterRuns: 2 });
  const query = "{ me { id name } }";
  await run(query);
  await run(query);
  const { bytes, generated } = stats();
  expect(generated).toBe(0);
  await run(query);
  expect(stats().generated).toBe(1);
  expect(stats().bytes).toBeGreaterThan(bytes + 10_000);
});
