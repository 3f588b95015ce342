import path from "node:path";
import { expect, test } from "vitest";
import {
  type Repository,
  type Run,
  configOf,
  createRepository,
  openRepository,
} from "./repository.fixture.ts";

const config = "schema/schema.config.ts";
const good = { [config]: configOf(["a"]), "a.graphql": "type Query {\n  a: String\n}\n" };

interface Case {
  /** What main has. */
  base?: Record<string, string>;
  /** What the change writes over it. */
  head?: Record<string, string>;
  args?: string[];
  env?: Record<string, string>;
  /** Anything else that is wrong, done last. */
  spoil?: (repository: Repository) => Repository | void;
  code: number;
  /** What has to be said. */
  says: (string | RegExp)[];
}

const huge = `type Query { big: Big }\ntype Big {\n${Array.from({ length: 40_000 }, (_, index) => `  aFieldOfManyFields${index}: String`).join("\n")}\n}\n`;

const cases: [name: string, Case][] = [
  [
    "SDL that is not GraphQL",
    {
      head: { "a.graphql": "type Query {\n  a: [String\n}\n" },
      code: 1,
      says: ["INVALID_GRAPHQL", "a.graphql:3:1", "could not look: lint, diff"],
    },
  ],
  ["SDL that is empty", { head: { "a.graphql": "" }, code: 1, says: ["INVALID_GRAPHQL", "a.graphql:1:1"] }],
  [
    "a schema that is a folder",
    {
      head: { [config]: configOf(["b"]), "b.graphql/c": "" },
      code: 2,
      says: ["b.graphql could not be read"],
    },
  ],
  [
    "a configuration that names no file",
    {
      head: { [config]: configOf(["a", "b"]) },
      code: 2,
      says: ["names files that are not there", "b.graphql (subgraph b)"],
    },
  ],
  ["no configuration", { args: ["--config", "nowhere.ts"], code: 2, says: ["no configuration nowhere.ts"] }],
  [
    "a configuration that is no module",
    { head: { [config]: "export default {" }, code: 2, says: [`${config} could not be loaded`] },
  ],
  [
    "a configuration that ends the process",
    {
      head: { [config]: "process.exit(0);" },
      code: 3,
      says: ["it ended with 0", "whether the configuration"],
    },
  ],
  ["a ref with a leading dash", { args: ["--base=-x"], code: 2, says: ['--base "-x" is not a ref'] }],
  ["a ref that is an option of git's", { args: ["--base", "--help"], code: 2, says: ["--base"] }],
  [
    "an unknown ref",
    { args: ["--base", "nowhere"], code: 3, says: ["no commit nowhere", "git fetch origin nowhere"] },
  ],
  [
    "a base without the configuration",
    {
      base: { "a.txt": "" },
      head: good,
      code: 0,
      says: ["BASE_MISSING", "has no schema/schema.config.ts and none of its schemas", "--base-config"],
    },
  ],
  [
    "a base whose configuration does not load",
    {
      base: { ...good, [config]: "import './x.ts';" },
      head: good,
      code: 3,
      says: [`the base's ${config}`, "import nothing but types"],
    },
  ],
  [
    "a base whose SDL does not compose",
    {
      base: { ...good, "a.graphql": "type Query" },
      head: good,
      code: 0,
      says: ["BASE_BROKEN", "does not compose, and nothing before it does"],
    },
  ],
  [
    "an event of GitHub's that is not JSON",
    {
      spoil: (repository) => void repository.write({ "event.json": "{ not json" }),
      env: { GITHUB_EVENT_PATH: "event.json" },
      code: 3,
      says: ["event.json, which GITHUB_EVENT_PATH names", "--base"],
    },
  ],
  [
    "an event of GitHub's that is something else",
    {
      head: { "event.json": '{ "merge_group": { "base_sha": 7 } }' },
      env: { GITHUB_EVENT_PATH: "event.json" },
      code: 3,
      says: ["merge_group.base_sha is no text"],
    },
  ],
  [
    "a type so large that it takes too long",
    {
      head: { "a.graphql": huge },
      args: ["--timeout", "6"],
      code: 3,
      says: [/it took more than 6 s/, /Big \(a\.graphql:2\)/, /40000 fields/, "--timeout"],
    },
  ],
  [
    "a schema that there is too little memory for",
    {
      head: { "a.graphql": huge },
      env: { NODE_OPTIONS: "--max-old-space-size=80" },
      code: 3,
      says: ["it ran out of memory while", "NODE_OPTIONS=--max-old-space-size"],
    },
  ],
  ["a time that is none", { args: ["--timeout", "soon"], code: 2, says: ["number of seconds"] }],
  [
    "a manifest that is not JSON",
    {
      head: {
        [config]: configOf(["a"], { operations: [{ name: "x", manifest: "m.json" }] }),
        "schema/m.json": "{",
      },
      code: 2,
      says: ["schema/m.json is not JSON"],
    },
  ],
  [
    "an approval that is no YAML",
    {
      base: { ...good, [config]: configOf(["a"], { approvals: "approvals" }) },
      head: { "schema/approvals/x.yaml": "code: A\nreason: [" },
      code: 1,
      says: ["APPROVAL_INVALID", "schema/approvals/x.yaml:2:"],
    },
  ],
  [
    "a repository without commits",
    {
      spoil: (repository) => void repository.git("update-ref", "-d", "HEAD"),
      code: 3,
      says: ["no commit to compare with", "commit the schema first"],
    },
  ],
  [
    "no repository",
    {
      spoil: (repository) => void repository.git("config", "core.repositoryformatversion", "9"),
      code: 3,
      says: ["not a git repository"],
    },
  ],
  [
    "a base that does not compose in a shallow clone",
    {
      base: { ...good, "a.graphql": "type Query" },
      spoil(repository) {
        const clone = path.join(repository.folder, "clone");
        repository.git("clone", "--quiet", "--depth=1", `file://${repository.folder}`, clone);
        const shallow = openRepository(clone);
        void shallow.write(good);
        return shallow;
      },
      code: 3,
      says: ["the base does not compose", "the clone is shallow", "git fetch --unshallow"],
    },
  ],
  [
    "a severity that is none",
    { args: ["--min-severity", "all"], code: 2, says: ["--min-severity", "warning"] },
  ],
  [
    "a configuration for the base that is not there",
    { args: ["--base-config", "nowhere.ts"], code: 2, says: ["no configuration nowhere.ts"] },
  ],
  [
    "a shallow clone",
    {
      spoil(repository) {
        const clone = path.join(repository.folder, "clone");
        repository.git("switch", "--quiet", "-c", "branch");
        repository.commit();
        repository.git("switch", "--quiet", "main");
        repository.git(
          "clone",
          "--quiet",
          "--depth=1",
          "--branch=branch",
          `file://${repository.folder}`,
          clone,
        );
        return openRepository(clone);
      },
      code: 3,
      says: ["the clone is shallow", "git fetch --unshallow", "fetch-depth: 0"],
    },
  ],
];

test.concurrent.each(cases)(
  "%s is told of clearly, in the right place and with the right exit code",
  async (_, { base = good, head = {}, args = [], env = {}, spoil, code, says }) => {
    const repository = await createRepository(base);
    try {
      repository.commit();
      await repository.write(head);
      const where = spoil?.(repository) ?? repository;
      const run = await where.schema(["check", ...args], env);
      // What is wrapped to fit 80 columns is to be found all the same.
      const text = run.output.replaceAll(/\s+/g, " ");
      for (const words of says) {
        if (typeof words === "string") expect(text).toContain(words);
        else expect(text).toMatch(words);
      }
      expect(run.output).not.toMatch(/^\s+at |node:internal|\.\. To do/m);
      expect(run.code).toBe(code);
    } finally {
      await repository.remove();
    }
  },
);

test("is no matter of line ends and byte order marks: nothing changed by them, and places stay right", async () => {
  const sdl = "# of a\ntype Query {\n  a: String\n  b: String\n}\n";
  const repository = await createRepository({ ...good, "a.graphql": sdl });
  const windows = (text: string) => `\uFEFF${text.replaceAll("\n", "\r\n")}`;
  const check = (): Promise<Run> => repository.schema(["check", "--format", "json"]);
  try {
    repository.commit();
    await repository.write({ "a.graphql": windows(sdl), [config]: windows(good[config] ?? "") });
    expect(JSON.parse((await check()).stdout)).toMatchObject({ passed: true, findings: [] });
    await repository.write({ "a.graphql": windows(sdl.replace("b: String", "b: Int")) });
    expect(JSON.parse((await check()).stdout)).toMatchObject({
      passed: false,
      findings: [{ coordinate: "Query.b", places: [{ file: "a.graphql", line: 4, column: 3 }] }],
    });
    await repository.write({ "a.graphql": windows(`${sdl}type {`) });
    expect(JSON.parse((await check()).stdout)).toMatchObject({
      findings: [{ code: "INVALID_GRAPHQL", places: [{ file: "a.graphql", line: 6, column: 6 }] }],
    });
  } finally {
    await repository.remove();
  }
});

test("may be 5 MB in size", async () => {
  const types = Array.from({ length: 2_000 }, (_, index) => {
    const fields = Array.from(
      { length: 9 },
      (__, field) => `  "${"words ".repeat(42)}"\n  field${field}: String\n`,
    );
    return `type T${index} {\n${fields.join("")}}\n`;
  });
  const roots = types.map((_, index) => `  t${index}: T${index}\n`);
  const sdl = `type Query {\n${roots.join("")}}\n${types.join("")}`;
  expect(sdl.length).toBeGreaterThan(4_900_000);
  const repository = await createRepository({ ...good, "a.graphql": sdl });
  try {
    repository.commit();
    await repository.write({ "a.graphql": sdl.replace("type T7 {\n", "type T7 {\n  more: Int\n") });
    const run = await repository.schema(["check"]);
    expect(run).toMatchObject({ code: 0, output: expect.stringContaining("FIELD_ADDED T7.more") as string });
  } finally {
    await repository.remove();
  }
});
