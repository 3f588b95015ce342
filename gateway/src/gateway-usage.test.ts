import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  runGatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
} from "./gateway.fixture.ts";
import { parseUsage } from "./usage/usage-format.ts";

const one = {
  name: "one",
  sdl: `type Query { hello(name: String, first: Int): String }`,
  resolvers: { Query: { hello: () => "hi" } },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let supergraph: string;
beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(one);
  supergraph = await folder.write("supergraph.graphql", compose([{ ...one, url: subgraph.url }]));
});
afterAll(async () => {
  await subgraph.stop();
  await folder.remove();
});

async function read(file: string) {
  const usage = parseUsage(await readFile(file, "utf8"));
  if ("fault" in usage) throw new Error(usage.fault);
  return usage;
}

test("counts operations in a file, across restarts, and tells neither variables nor literals", async () => {
  const file = path.join(path.dirname(supergraph), "usage.json");
  const flags = ["--supergraph", supergraph, "--usage-file", file];
  const headers = { "apollographql-client-name": "web", "apollographql-client-version": "1.2" };
  const query = 'query Hello($name: String) { hello(name: $name) other: hello(name: "secret", first: 5) }';
  for (const name of ["mallory", "trent"]) {
    const gateway = await startGatewayProcess(flags);
    await ask(gateway.url, query, { variables: { name }, headers });
    await ask(gateway.url, "{ hello }");
    // Never run, and so not counted: what is no operation, and what the schema has not.
    await ask(gateway.url, "{ hello ");
    await ask(gateway.url, "{ goodbye }");
    await gateway.stop();
  }
  const { operations, leftOut } = await read(file);
  expect(leftOut).toEqual({ requests: 0, last: null });
  expect(
    operations.map(({ name, clients }) => [
      name,
      clients.map((client) => [client.name, client.version, client.count]),
    ]),
  ).toEqual([
    ["Hello", [["web", "1.2", 2]]],
    [null, [[null, null, 2]]],
  ]);
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/mallory|trent|secret/);
  expect(text).toContain("first: 5");
  expect((await readdir(path.dirname(file))).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test.each([
  ["is something else, which is left as it is", "notes.txt", "my notes", "is no usage file"],
  ["cannot be written", "nowhere/usage.json", null, "cannot be written (ENOENT)"],
])("refuses to start where the file %s", async (_, name, text, reason) => {
  const file = path.join(path.dirname(supergraph), name);
  if (text !== null) await folder.write(name, text);
  const { code, output } = await runGatewayProcess(["--supergraph", supergraph, "--usage-file", file]);
  expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining(reason) as string });
  expect(output).not.toMatch(/^\s+at /m);
  if (text !== null) expect(await readFile(file, "utf8")).toBe(text);
});
