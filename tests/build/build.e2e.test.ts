import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createIdentityIssuer, createIdentityKey } from "@tributary/subgraph-kit/identity";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

const execute = promisify(execFile);

let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "tributary-build-"));
  await execute(process.execPath, ["scripts/turbo.mjs", "run", "build"], { cwd: root });
});

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    child.kill();
    await once(child, "close");
  }
  await rm(folder, { recursive: true, force: true });
});

/** Starts a program that was built, and gives the URL that it says it listens on. */
async function start(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  for await (const line of createInterface(child.stdout)) {
    said += `${line}\n`;
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (msg === "listening" && url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`${program} ended:\n${said}`);
}

const statusOf = async (url: string) => (await fetch(url)).status;

test("the gateway starts from its build, and has the explorer with it", async () => {
  // A schema that asks nobody who they are, so that no issuer of tokens is needed.
  const config = path.join(folder, "schema.config.ts");
  const subgraph = { name: "hello", url: "http://127.0.0.1:9/graphql", schema: "hello.graphql" };
  const output = { supergraph: "supergraph.graphql", api: "api.graphql" };
  await writeFile(path.join(folder, "hello.graphql"), "type Query { hello: String }");
  await writeFile(config, `export default ${JSON.stringify({ subgraphs: [subgraph], output })};`);
  await execute(process.execPath, ["packages/schema-cli/src/main.ts", "compose", "--config", config], {
    cwd: root,
  });

  const url = await start("gateway/dist/main.js", [
    "--supergraph",
    path.join(folder, "supergraph.graphql"),
    "--port",
    "0",
  ]);
  expect(await statusOf(`${url}/health/live`)).toBe(200);
  expect(await statusOf(`${url}/explorer/index.html`)).toBe(200);
});

test.each(["customer", "order", "payment", "history"])(
  "the %s service starts from its build",
  async (context) => {
    const issuer = await createIdentityIssuer({ privateKey: await createIdentityKey() });
    const jwks = path.join(folder, `${context}.jwks.json`);
    await writeFile(jwks, JSON.stringify(issuer.jwks));
    const url = await start(`subgraphs/${context}/dist/main.js`, [], {
      // Nobody listens there: the process lives, and says that it is not ready.
      DATABASE_URL: "postgresql://nobody:none@127.0.0.1:9/none",
      IDENTITY_JWKS: jwks,
    });
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
  },
);

test("the migrations' command starts from its build", async () => {
  const { stdout } = await execute(process.execPath, ["packages/migrate/dist/main.js", "--help"], {
    cwd: root,
  });
  expect(stdout).toContain("migrate");
});
