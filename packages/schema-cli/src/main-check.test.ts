import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const main = path.join(import.meta.dirname, "main.ts");
const config = `import type { SchemaConfig } from "@tributary/schema-cli";
export default {
  subgraphs: [{ name: "hello", url: "http://localhost:1/graphql", schema: "../hello.graphql" }],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  approvals: "approvals",
} satisfies SchemaConfig;`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "schema-check-"));
  await mkdir(path.join(folder, "schema"));
  await writeFile(path.join(folder, "schema/schema.config.ts"), config);
  await write("type Query {\n  hello: String\n  there: String\n}\n");
  git("init", "--quiet", "--initial-branch=main");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (sdl: string) => writeFile(path.join(folder, "hello.graphql"), sdl);
const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
const git = (...args: string[]) =>
  execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "pipe" });
function commit() {
  git("add", "--all");
  git("commit", "--quiet", "-m", "a commit");
}

/** Runs the command with an environment that has none of CI's variables. */
function schema(...args: string[]): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env["PATH"] };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

test("exits with 0 on no change, 1 on one that breaks clients, and 0 once that is approved", async () => {
  commit();
  expect(await schema("check")).toMatchObject({
    code: 0,
    output: expect.stringContaining("passed") as string,
  });
  await write("type Query {\n  hello: String\n}\n");
  const failed = await schema("check");
  expect(failed).toMatchObject({
    code: 1,
    output: expect.stringContaining("hello.graphql:3:3 (base)") as string,
  });
  const id = /Change: (\w+)/.exec(failed.output)?.[1] ?? "";
  const until = ["--reason", "nobody asks for it", "--expires", "2999-12-31"];
  expect(await schema("approve", id, ...until)).toMatchObject({ code: 0 });
  expect(await readdir(path.join(folder, "schema/approvals"))).toEqual([`${id}.yaml`]);
  expect(await schema("check")).toMatchObject({ code: 0 });
});

test.each([
  ["a ref that is an option", ["check", "--base", "--help"]],
  ["a ref with a leading dash", ["check", "--base=-x"]],
  ["an unknown step", ["check", "--only", "everything"]],
  ["an unknown format", ["check", "--format", "yaml"]],
  ["an unknown subgraph", ["check", "--subgraph", "nobody"]],
  ["an unknown code", ["explain", "NOTHING"]],
])("exits with 2, without a stack trace, on %s", async (_, args) => {
  commit();
  const { code, output } = await schema(...args);
  expect(output).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
});

test("exits with 3 and says what to do where there is nothing to compare with", async () => {
  const none = await schema("check");
  expect(none).toMatchObject({ code: 3, output: expect.stringContaining("commit") as string });
  expect(none.output).not.toMatch(/^\s+at /m);
  commit();
  expect(await schema("check", "--base", "nowhere")).toMatchObject({
    code: 3,
    output: expect.stringContaining("git fetch") as string,
  });
});
