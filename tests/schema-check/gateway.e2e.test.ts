import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { CONTEXTS } from "@tributary/channels/contexts";
import { createIdentityKey, publicIdentityKey } from "@tributary/subgraph-kit/identity";
import {
  type IntrospectionQuery,
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Scratch, createScratch, git, root } from "./scratch.ts";

const program = path.join(root, "packages/schema-cli/src/main.ts");

let scratch: Scratch;
let stop: (() => Promise<unknown>)[] = [];
beforeAll(async () => void (scratch = await createScratch()));
afterAll(() => scratch.remove());
afterEach(async () => {
  for (const each of stop.toReversed()) await each();
  stop = [];
});

function schema(folder: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env["PATH"] } };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

/** Starts the gateway's process on a free port. */
async function startGateway(...flags: string[]): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const child = fork(path.join(root, "gateway/src/main.ts"), ["--port", "0", ...flags], {
    silent: true,
    env: { PATH: process.env["PATH"] },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += String(text)));
  const closed = once(child, "close");
  const end = async () => {
    if (child.exitCode === null) child.kill();
    await closed;
  };
  stop.push(end);
  const said = await Promise.race([
    once(child, "message"),
    closed.then(() => Promise.reject(new Error(output))),
  ]);
  return { url: (said[0] as { url: string }).url, stop: end };
}

async function ask(url: string, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as { data: unknown; errors?: unknown };
}

test("the gateway takes what is composed here, and serves the very schema that is compared", async () => {
  const folder = path.join(scratch.folder, "ours");
  for (const each of ["schema", ...CONTEXTS.map((context) => `subgraphs/${context}`)]) {
    await mkdir(path.join(folder, each), { recursive: true });
    const name = each === "schema" ? "schema/schema.config.ts" : `${each}/schema.graphql`;
    await cp(path.join(root, name), path.join(folder, name));
  }
  expect(await schema(folder, "compose")).toMatchObject({ code: 0 });
  const jwks = path.join(folder, "jwks.json");
  await writeFile(jwks, JSON.stringify({ keys: [await publicIdentityKey(await createIdentityKey())] }));
  const { url } = await startGateway(
    ...["--supergraph", path.join(folder, "schema/supergraph.graphql")],
    ...["--policies", path.join(root, "schema/policies.json")],
    ...["--issuer", "https://issuer.test", "--audience", "test", "--jwks", jwks],
  );
  const { data, errors } = await ask(url, getIntrospectionQuery());
  expect(errors).toBeUndefined();
  const print = (served: ReturnType<typeof buildSchema>) => printSchema(lexicographicSortSchema(served));
  const ours = buildSchema(await readFile(path.join(folder, "schema/api.graphql"), "utf8"));
  expect(print(buildClientSchema(data as IntrospectionQuery))).toBe(print(ours));
});

test("what the gateway counts, the check knows: who sends what a change would break", async () => {
  const folder = path.join(scratch.folder, "counted");
  const products = `type Query {\n  shelf(first: Int): [Product!]!\n  unused: Int\n}\ntype Product {\n  name: String\n  price: Int\n}\n`;
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { shelf: [{ name: "A", price: 1 }] } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stop.push(() => new Promise((resolve) => server.close(resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    subgraphs: [{ name: "products", url, schema: "products.graphql" }],
    output: { supergraph: "supergraph.graphql", api: "api.graphql" },
    operations: [{ name: "sent", usage: "usage.json" }],
  };
  await mkdir(folder, { recursive: true });
  const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
  await write("config.json", JSON.stringify(config));
  await write("products.graphql", products);
  const check = () => schema(folder, "check", "--config", "config.json", "--base", "HEAD");

  const flags = { config: ["--config", "config.json"], usage: path.join(folder, "usage.json") };
  expect(await schema(folder, "compose", ...flags.config)).toMatchObject({ code: 0 });
  const gateway = await startGateway(
    ...["--supergraph", path.join(folder, "supergraph.graphql"), "--usage-file", flags.usage],
  );
  const from = { "apollographql-client-name": "shop", "apollographql-client-version": "4" };
  expect(await ask(gateway.url, "query Shelf { shelf(first: 3) { name } }", from)).toEqual({
    data: { shelf: [{ name: "A" }] },
  });
  await gateway.stop();

  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "-m", "a commit");
  await write("products.graphql", products.replace("  name: String\n", ""));
  const { code, output } = await check();
  expect(code).toBe(1);
  expect(output.replaceAll(/\s+/g, " ")).toMatch(
    /broken: Shelf \(usage\.json:\d+:\d+\), 1 request by shop 4, the last on \d{4}-\d\d-\d\d/,
  );
  expect(output).toMatch(/broken: Shelf \(usage\.json:2:\d+\)/);

  // A set that is complete excuses what nobody asked for; this one tells of too short a time.
  await write("products.graphql", products.replace("  unused: Int\n", ""));
  const complete = {
    ...config,
    operations: [{ name: "sent", usage: "usage.json", complete: true, days: 30 }],
  };
  await write("config.json", JSON.stringify(complete));
  const early = await check();
  expect(early).toMatchObject({
    code: 1,
    output: expect.stringContaining("OPERATIONS_INCOMPLETE") as string,
  });
  const usage = await readFile(flags.usage, "utf8");
  await write("usage.json", usage.replace(/"since":"\d{4}/, '"since":"2001'));
  expect(await check()).toMatchObject({
    code: 0,
    output: expect.stringContaining("Excused: no known operation") as string,
  });
});
