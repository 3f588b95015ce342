import { createHash } from "node:crypto";
import { type GraphQLSchema, parse } from "graphql";
import { afterEach, expect, test, vi } from "vitest";
import {
  doubledByAliases,
  nodesOfTwoTypes,
  nodesSupergraph,
  spreadTwice,
} from "../planning/nodes.fixture.ts";
import { planningPool } from "../planning/planning-pool.ts";
import { TributaryGateway, type TributaryGatewayOptions } from "./tributary-gateway.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const logger = { debug() {}, info() {}, warn() {}, error() {} };

async function start(options: TributaryGatewayOptions = {}) {
  const transport = {
    send: async () => ({
      status: 200,
      statusText: "OK",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ data: { deep: { n: 1 }, user: { name: "a name" }, node: null } }),
    }),
    close: async () => {},
  };
  const gateway = new TributaryGateway(
    { supergraphSdl: nodesSupergraph(), logger },
    { transport, ...options },
  );
  const { schema } = await gateway.load();
  cleanups.push(() => gateway.stop());
  const run = (query: string, metrics = {}) => gateway.executor(request(schema, query, metrics) as never);
  return { gateway, run };
}

/** What Apollo Server would hand over. */
function request(schema: GraphQLSchema, query: string, metrics: object) {
  const queryHash = createHash("sha256").update(query).digest("hex");
  const document = parse(query);
  return { request: { query, variables: {} }, document, queryHash, schema, logger, context: {}, metrics };
}

const codesOf = ({ errors = [] }: { errors?: readonly { extensions: { code?: unknown } }[] }) =>
  errors.map(({ extensions }) => extensions.code);

test("what is too large is answered by an error with a code, and never planned", async () => {
  const { run } = await start({ planning: { maxSelections: 100 } });
  const plan = vi.spyOn(planningPool, "plan");
  for (const query of [doubledByAliases(40), nodesOfTwoTypes(1_000)]) {
    const result = await run(query);
    expect(result.data).toBeUndefined();
    expect(codesOf(result as never)).toEqual(["QUERY_TOO_LARGE"]);
  }
  expect(plan).not.toHaveBeenCalled();
  expect((await run(spreadTwice(40))).data).toMatchObject({ deep: { n: 1 } });
});

test("what takes too long is answered by an error with a code, and not planned again at once", async () => {
  const { run } = await start({ planning: { milliseconds: 500, maxSelections: Infinity } });
  const plan = vi.spyOn(planningPool, "plan");
  for (let each = 0; each < 2; each++)
    expect(codesOf((await run(nodesOfTwoTypes(14))) as never)).toEqual(["QUERY_PLANNING_TIMEOUT"]);
  expect(plan).toHaveBeenCalledTimes(1);
  expect((await run("{ user { name } }")).data).toMatchObject({ user: { name: "a name" } });
});

test("an operation that ApolloGateway's executor runs, for traces, is planned within the same limits", async () => {
  const { gateway, run } = await start({ planning: { milliseconds: 500, maxSelections: 100_000 } });
  const { queryPlanner } = gateway as unknown as { queryPlanner: { buildQueryPlan: () => unknown } };
  const build = vi.spyOn(queryPlanner, "buildQueryPlan");
  const traced = { captureTraces: true };
  expect(codesOf((await run(nodesOfTwoTypes(12), traced)) as never)).toEqual(["QUERY_PLANNING_TIMEOUT"]);
  expect(codesOf((await run(doubledByAliases(40), traced)) as never)).toEqual(["QUERY_TOO_LARGE"]);
  await run("{ user { name } }", traced);
  expect(build).not.toHaveBeenCalled();
});

test("the schema's description is given twice, not hundreds of times", async () => {
  const { run } = await start();
  const asked = (times: number) =>
    `{ ${Array.from({ length: times }, (_, index) => `a${index}: __schema { types { fields { args { name } type { fields { name } } } } }`).join(" ")} }`;
  expect((await run(asked(2))).errors).toBeUndefined();
  expect(codesOf((await run(asked(1_000))) as never)).toEqual(["QUERY_TOO_LARGE"]);
});

test("without a thread, the same plans are made where requests are served", async () => {
  const { run } = await start({ planning: { inThread: false } });
  const plan = vi.spyOn(planningPool, "plan");
  expect((await run("{ user { name } }")).data).toMatchObject({ user: { name: "a name" } });
  expect(codesOf((await run(doubledByAliases(40))) as never)).toEqual(["QUERY_TOO_LARGE"]);
  expect(plan).not.toHaveBeenCalled();
});
