import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { git, root } from "./scratch.ts";

interface LintFinding {
  code: string;
  severity: string;
  coordinate?: string;
  message: string;
}

interface Example {
  rule: string;
  verdict: string;
  sdl: string;
}

interface Config {
  subgraphs: { name: string; schema: string }[];
  lint: { rules: Record<string, unknown> };
}

const configFile = pathToFileURL(path.join(root, "schema/schema.config.ts")).href;
const { default: config } = (await import(configFile)) as { default: Config };
const subgraphs = config.subgraphs.map(({ name, schema }) => ({
  name,
  file: path.join("schema", schema),
}));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "house-rules-"));
  await cp(path.join(root, "schema"), path.join(folder, "schema"), { recursive: true });
  git(folder, "init", "--quiet", "--initial-branch=main");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Puts a schema of each subgraph into the repository, made of the real one. */
async function put(change: (sdl: string, name: string) => string): Promise<void> {
  for (const { name, file } of subgraphs) {
    const sdl = change(await readFile(path.join(root, file), "utf8"), name);
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), sdl);
  }
}

function commit(): void {
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "-m", "a commit");
}

/** What the step `lint` finds between the commit and the files. */
async function lint(): Promise<LintFinding[]> {
  const args = ["packages/schema-cli/src/main.ts", "check", "--only", "lint", "--format", "json"];
  const [program = "", ...rest] = args;
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, [path.join(root, program), ...rest], { cwd: folder }, (_, output) =>
      resolve(output),
    );
  });
  const { findings, steps } = JSON.parse(stdout) as { findings: LintFinding[]; steps: unknown };
  expect(steps).toEqual([{ name: "lint", outcome: "done" }]);
  return findings;
}

async function readExamples(): Promise<Example[]> {
  const page = await readFile(path.join(root, "docs/schema-check.md"), "utf8");
  const blocks = page.matchAll(/```graphql\n# lint\/(\S+) (refuses|takes)\n([\s\S]*?)```/g);
  return [...blocks].map(([, rule = "", verdict = "", sdl = ""]) => ({ rule, verdict, sdl }));
}

test("a new field with a description in one line, as all of ours have it, was refused", async () => {
  await put((sdl) => sdl);
  commit();
  await put((sdl, name) =>
    name === "order"
      ? sdl.replace(/^type Query \{$/m, '$&\n  "The newest order."\n  newestOrder: Order')
      : sdl,
  );
  expect(await lint()).toEqual([]);
});

test("our own schemas keep every house rule, read as if all of it were new", async () => {
  await put((_, name) => `type Query {\n  ${name}Stub: Int\n}\n`);
  commit();
  await put((sdl) => sdl);
  expect(await lint()).toEqual([]);
});

test("each house rule has an example in docs/schema-check.md of what it takes and what it refuses", async () => {
  const examples = await readExamples();
  const rules = Object.keys(config.lint.rules).sort();
  for (const verdict of ["takes", "refuses"]) {
    expect(examples.filter((each) => each.verdict === verdict).map(({ rule }) => rule)).toEqual(rules);
  }
});

test("the check takes and refuses the examples as docs/schema-check.md says", async () => {
  const examples = await readExamples();
  await put((sdl) => sdl);
  commit();
  const putWith = (verdict: string) =>
    put((sdl, name) => {
      const own = examples.filter((each) => name === "order" && each.verdict === verdict);
      return [sdl, ...own.map((each) => each.sdl)].join("\n");
    });
  await putWith("takes");
  expect(await lint()).toEqual([]);
  await putWith("refuses");
  const found = (await lint()).map(({ code, coordinate }) => `${code} ${coordinate?.split(".")[0]}`);
  for (const { rule, sdl } of examples.filter(({ verdict }) => verdict === "refuses")) {
    const type = /^(?:type|enum) (\w+)/m.exec(sdl)?.[1];
    expect(found).toContain(`lint/${rule} ${type}`);
  }
});
