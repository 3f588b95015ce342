import { rename, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  type GatewayProcess,
  type LogLine,
  type RunningSubgraph,
  runGatewayProcess,
  startGatewayProcess,
  startSubgraph,
} from "./gateway.fixture.ts";

const resolvers = { Query: { hello: () => "hi", bye: () => "bye" } };
const service = (fields: string) => ({ name: "s", sdl: `type Query { ${fields} }`, resolvers });

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let small: string;
let large: string;

beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(service("hello: String bye: String"));
  small = compose([{ ...service("hello: String"), url: subgraph.url }]);
  large = compose([{ ...service("hello: String bye: String"), url: subgraph.url }]);
});
afterAll(async () => {
  await subgraph.stop();
  await folder.remove();
});

const gateways: GatewayProcess[] = [];
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()));
});

let files = 0;
async function start(flags: readonly string[] = [], text = large) {
  const file = await folder.write(`supergraph-${files++}.graphql`, text);
  const gateway = await startGatewayProcess(["--supergraph", file, ...flags]);
  gateways.push(gateway);
  const swap = async (next: string) => {
    const before = lines(gateway, "supergraph swapped").length;
    await writeFile(`${file}.new`, next);
    await rename(`${file}.new`, file);
    await gateway.logged(() => lines(gateway, "supergraph swapped").length > before);
  };
  return { gateway, swap };
}

const lines = (gateway: GatewayProcess, message: string): readonly LogLine[] =>
  gateway.log().filter((line) => line["msg"] === message);

test("operations that are known beforehand are ready before the gateway listens", async () => {
  const operations = await folder.write("operations.graphql", "query Hello { hello }\nquery Gone { gone }\n");
  const text = "query Hello { hello }\nquery Gone { gone }\n";
  const { gateway } = await start(["--warm-up-operations", operations]);
  // As a document is valid as a whole, or not.
  expect(lines(gateway, "operations made ready")).toEqual([
    expect.objectContaining({ ready: 0, failed: 2, left: 0 }),
  ]);
  expect(lines(gateway, "operation not ready")[0]).toMatchObject({
    operation: "Hello",
    reason: 'Cannot query field "gone" on type "Query".',
  });
  expect((await ask(gateway.url, text, { operationName: "Hello" })).errors).toHaveLength(1);

  const good = await folder.write("good.graphql", "query Hello { hello }\n");
  const { gateway: second } = await start(["--warm-up-operations", good]);
  expect((await ask(second.url, "query Hello { hello }\n", { operationName: "Hello" })).data).toEqual({
    hello: "hi",
  });
  await second.stop();
  expect(second.log()[0]).toMatchObject({ msg: "operations made ready", ready: 1 });
  expect(lines(second, "programs")[0]).toMatchObject({ hits: 1, misses: 0, warmedUp: 1, plans: 1 });
});

test("what is sent most is ready before a new supergraph is swapped in, and how well it is kept is told", async () => {
  const { gateway, swap } = await start(["--warm-up", "2"]);
  for (const query of ["{ hello }", "{ hello }", "{ bye }", "{ bye }", "{ a: hello }"]) {
    await ask(gateway.url, query);
  }
  await swap(small);
  await ask(gateway.url, "{ hello }");
  await swap(large);
  await gateway.stop();
  const told = gateway
    .log()
    .map(({ msg, ready, failed, hits, misses, warmedUp, operation }) =>
      msg === "request" || msg === "stopped"
        ? null
        : { msg, ready, failed, hits, misses, warmedUp, operation },
    )
    .filter((line) => line !== null);
  expect(JSON.parse(JSON.stringify(told))).toEqual([
    { msg: "listening" },
    { msg: "operation not ready", operation: null },
    { msg: "operations made ready", ready: 1, failed: 1 },
    { msg: "supergraph swapped" },
    { msg: "programs", hits: 2, misses: 3, warmedUp: 0 },
    { msg: "operations made ready", ready: 1, failed: 0 },
    { msg: "supergraph swapped" },
    { msg: "programs", hits: 1, misses: 0, warmedUp: 1 },
  ]);
});

test("nothing is made ready where that is not wanted", async () => {
  const { gateway, swap } = await start(["--warm-up", "0"]);
  await ask(gateway.url, "{ hello }");
  await swap(small);
  expect(lines(gateway, "operations made ready")).toEqual([]);
});

test("every fault in settings of warm-up and workers is named", async () => {
  const missing = "/nowhere/operations";
  const supergraph = await folder.write("fine.graphql", small);
  const flags = ["--workers", "0", "--warm-up", "many", "--warm-up-time", "-1"];
  const { code, output } = await runGatewayProcess(["--supergraph", supergraph, ...flags]);
  expect(code).toBe(2);
  expect(output).toContain("--workers: must be auto or a whole number from 1 to 512");
  expect(output).toContain("--warm-up: must be a whole number");
  expect(output).toContain("--warm-up-time: must be a whole number");
  const other = await runGatewayProcess(["--supergraph", supergraph], {
    GATEWAY_WARM_UP_OPERATIONS: missing,
  });
  expect(other).toEqual({
    code: 2,
    output: expect.stringContaining(`--warm-up-operations: ${missing} cannot be read (ENOENT)`),
  });
});
