import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const main = path.join(import.meta.dirname, "main.ts");
const sdl = "type Query { hello: String }\n";
const config = `export default {
  subgraphs: [{ name: "hello", url: "http://localhost:1/graphql", schema: "../hello.graphql" }],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
};`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "schema-cli-"));
  await mkdir(path.join(folder, "schema"));
  await writeFile(path.join(folder, "schema/schema.config.ts"), config);
  await writeFile(path.join(folder, "hello.graphql"), sdl);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function schema(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test("composes, and is up to date then (0)", async () => {
  expect(await schema("compose")).toEqual({
    code: 0,
    output: "schema compose: passed: 1 subgraph,\n  wrote schema/supergraph.graphql and schema/api.graphql\n",
  });
  expect(await readFile(path.join(folder, "schema/api.graphql"), "utf8")).toContain("hello: String");
  expect(await schema("compose", "--frozen")).toMatchObject({ code: 0 });
});

test("exits with 1 on findings", async () => {
  expect(await schema("compose", "--frozen")).toMatchObject({
    code: 1,
    output: expect.stringContaining("OUTPUT_MISSING") as string,
  });
});

test.each([
  ["no such command", ["comprise"]],
  ["no such option", ["compose", "--frosty"]],
  ["a configuration that is not there", ["compose", "--config", "nowhere.ts"]],
])("exits with 2, without a stack trace, on %s", async (_, args) => {
  const { code, output } = await schema(...args);
  expect(code).toBe(2);
  expect(output).not.toMatch(/^\s+at /m);
});

test("exits with 2, without a stack trace, on a configuration that is no module", async () => {
  await writeFile(path.join(folder, "schema/schema.config.ts"), "export default {");
  const { code, output } = await schema("compose");
  expect(code).toBe(2);
  expect(output).toContain("schema/schema.config.ts could not be loaded");
  expect(output).not.toMatch(/^\s+at /m);
});
