import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Repository, configOf, createRepository } from "./repository.fixture.ts";

// A base's configuration is loaded from nowhere: types may be imported all the same.
const config = `import type { SchemaConfig } from "@tributary/schema-cli";\n${configOf(["hello"], { approvals: "approvals" }).replace(/;\n$/, " satisfies SchemaConfig;\n")}`;
const sdl = "type Query {\n  hello: String\n  there: String\n}\n";
const without = sdl.replace("  there: String\n", "");

let repository: Repository;
beforeEach(async () => {
  repository = await createRepository({ "schema/schema.config.ts": config, "hello.graphql": sdl });
  repository.commit();
});
afterEach(() => repository.remove());

test("exits with 0 on no change, 1 on one that breaks clients, and 0 once that is approved", async () => {
  const { schema, write, folder } = repository;
  expect(await schema(["check"])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^schema check: passed: /) as string,
  });
  await write({ "hello.graphql": without });
  const failed = await schema(["check"]);
  expect(failed).toMatchObject({
    code: 1,
    output: expect.stringContaining("hello.graphql:3:3 (base)") as string,
  });
  const id = /Change: (\w+)/.exec(failed.output)?.[1] ?? "";
  const until = ["--reason", "nobody asks for it", "--expires", "2999-12-31"];
  expect(await schema(["approve", id, ...until])).toMatchObject({ code: 0 });
  expect(await readdir(path.join(folder, "schema/approvals"))).toEqual([`${id}.yaml`]);
  expect(await schema(["check"])).toMatchObject({ code: 0 });
  // The next change after the merge is not to blame for the approval.
  repository.commit();
  expect(await schema(["check"])).toMatchObject({
    code: 0,
    output: expect.stringContaining("APPROVAL_USED_UP") as string,
  });
});

test.each([
  ["an unknown step", ["check", "--only", "everything"]],
  ["an unknown format", ["check", "--format", "yaml"]],
  ["two documents for one output", ["check", "--format", "json", "sarif"]],
  ["an unknown subgraph", ["check", "--subgraph", "nobody"]],
  ["an unknown kind", ["check", "--fail-on", "everything"]],
  ["an unknown code", ["explain", "NOTHING"]],
])("exits with 2, without a stack trace, on %s", async (_, args) => {
  const { code, output } = await repository.schema(args);
  expect(output).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
});

test("writes several formats at once, each where it was told to", async () => {
  const { schema, write, folder } = repository;
  await write({ "hello.graphql": without });
  const formats = ["human", "json=out/check.json", "markdown=check.md", "sarif=a.sarif", "junit=j.xml"];
  const { code, stdout } = await schema(["check", "--format", ...formats]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^schema check: failed: 1 breaking change, [\s\S]*\nschema check: failed: 1 breaking change\n$/,
  );
  const read = (file: string) => readFile(path.join(folder, file), "utf8");
  expect(JSON.parse(await read("out/check.json"))).toMatchObject({ passed: false, version: 1 });
  expect(JSON.parse(await read("a.sarif"))).toMatchObject({ version: "2.1.0" });
  expect(await read("check.md")).toContain("FIELD\\_REMOVED");
  expect(await read("j.xml")).toContain('<testsuite name="schema check.diff"');
});

test("is in colour only where it is told to be, as this is no terminal", async () => {
  const escape = "\u001B[";
  expect((await repository.schema(["check"])).stdout).not.toContain(escape);
  expect((await repository.schema(["check"], { FORCE_COLOR: "1" })).stdout).toContain(escape);
});

test("compares with what GitHub's merge queue is built on, and with the pull request's base", async () => {
  const { schema, write, git, commit } = repository;
  const event = JSON.stringify({ merge_group: { base_sha: git("rev-parse", "HEAD") } });
  git("switch", "--quiet", "-c", "queue");
  await write({ "hello.graphql": without, "event.json": event });
  commit();
  git("branch", "--quiet", "--force", "main");
  expect((await schema(["check"])).code).toBe(0);
  expect((await schema(["check"], { GITHUB_EVENT_PATH: "event.json", GITHUB_BASE_REF: "" })).code).toBe(1);
  const asked = await schema(["check", "--base", "HEAD"], { GITHUB_EVENT_PATH: "nowhere.json" });
  expect(asked.code).toBe(0);
});

test("a change that mends a main which does not compose is compared with what composed last", async () => {
  const { schema, write, commit } = repository;
  await write({ "hello.graphql": "type Query {" });
  commit();
  await write({ "hello.graphql": sdl });
  const mended = await schema(["check"]);
  expect(mended).toMatchObject({ code: 0, output: expect.stringContaining("BASE_BROKEN") as string });
  await write({ "hello.graphql": without });
  const broken = await schema(["check"]);
  expect(broken).toMatchObject({
    code: 1,
    output: expect.stringContaining("FIELD_REMOVED Query.there") as string,
  });
});

test("two commits without a configuration are compared by the one that is given", async () => {
  const { schema, write, git, commit, folder } = repository;
  git("rm", "--quiet", "-r", "schema");
  const bare = commit();
  const own = JSON.stringify({
    subgraphs: [{ name: "hello", url: "http://localhost/hello", schema: "*.graphql" }],
    output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  });
  await write({ "check.json": own, "hello.graphql": without });
  const args = ["check", "--base", bare, "--config", "check.json", "--base-config", "check.json"];
  const run = await schema([...args, "--format", "json"]);
  expect(run.code).toBe(1);
  expect(JSON.parse(run.stdout)).toMatchObject({ changes: ["error FIELD_REMOVED Query.there"] });
  expect(await readdir(folder)).not.toContain("schema");
});

test("shows what is severe enough, and counts the rest", async () => {
  const { schema, write } = repository;
  await write({ "hello.graphql": without.replace("hello: String", "hello: String\n  more: Int") });
  const all = await schema(["check", "--format", "json"]);
  expect(JSON.parse(all.stdout)).toMatchObject({
    changes: ["error FIELD_REMOVED Query.there", "hint FIELD_ADDED Query.more"],
  });
  const some = await schema(["check", "--min-severity", "warning"]);
  expect(some.code).toBe(1);
  expect(some.stdout).not.toContain("FIELD_ADDED");
  expect(some.stdout).toMatch(/^schema check: failed: 1 breaking change, 1 less severe not shown/);
});
