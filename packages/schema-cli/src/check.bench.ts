import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Repository, configOf, createRepository } from "./repository.fixture.ts";
import type { Result } from "./result/finding.ts";

/*
 * How long `schema check` takes from a cold start, all steps, and how much processor and memory: our supergraph, and 100
 * subgraphs with 5,000 types, with changes of several subgraphs in both.
 */

const main = path.join(import.meta.dirname, "main.ts");
const root = path.resolve(import.meta.dirname, "../../..");

let folder: string;
const repositories: Repository[] = [];
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), "schema-bench-"))));
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const repository of repositories) await repository.remove();
});

interface Measured {
  result: Result;
  wall: number;
  /** Of all threads, in seconds: what a machine that does other things, too, says truly. */
  processor: number;
  /** The most resident memory in MB; 0 where the system does not say. */
  memory: number;
}

/** Runs the check; what Node compiled before is in `cache`. */
async function measure(cwd: string, cache: string): Promise<Measured> {
  const json = path.join(folder, "result.json");
  const begin = performance.now();
  const script = `TIMEFORMAT="%U %S"; time "$0" "$@"`;
  const args = [main, "check", "--base", "HEAD", "--format", `json=${json}`];
  const child = spawn("bash", ["-c", script, process.execPath, ...args], {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(folder, cache) },
  });
  let times = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (times += text));
  let memory = 0;
  const poll = setInterval(() => (memory = Math.max(memory, memoryBelow(child.pid))), 50);
  await new Promise((resolve) => child.on("close", resolve));
  clearInterval(poll);
  const wall = (performance.now() - begin) / 1000;
  const [user = 0, system = 0] = times.trim().split(/\s+/).slice(-2).map(Number);
  const result = JSON.parse(await readFile(json, "utf8")) as Result;
  return { result, wall, processor: user + system, memory };
}

/** The most resident memory so far of a process's only child, in MB. */
function memoryBelow(pid: number | undefined): number {
  try {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child}/status`, "utf8"));
    return line === null ? 0 : Number(line[1]) / 1024;
  } catch {
    return 0;
  }
}

function show(name: string, { wall, processor, memory }: Measured): void {
  console.log(
    `${name}: ${wall.toFixed(2)} s, ${processor.toFixed(2)} s of processor, ${memory.toFixed(0)} MB`,
  );
}

/** Every step has looked, and found what it is to find. */
function expectWhole({ result }: Measured): void {
  expect((result.steps ?? []).map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    "compose done",
    "lint done",
    "diff done",
    "auth done",
    "operations done",
    "plan done",
    "cost done",
    "rollout done",
  ]);
  expect(result.findings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(["FIELD_ADDED", "ROLLOUT_ORDER"]),
  );
}

it("measures our own supergraph, of which two subgraphs change", async () => {
  const config = await readFile(path.join(root, "schema/schema.config.ts"), "utf8");
  const names = ["customer", "order", "payment", "history"];
  const files = new Map<string, string>();
  for (const name of names) {
    const file = `subgraphs/${name}/schema.graphql`;
    files.set(file, await readFile(path.join(root, file), "utf8"));
  }
  const operations = await readOperations();
  const repository = await createRepository({
    "schema/schema.config.ts": config,
    ...Object.fromEntries(files),
    ...operations,
  });
  repositories.push(repository);
  repository.commit();
  for (const name of ["customer", "order"]) {
    const file = `subgraphs/${name}/schema.graphql`;
    const type = `type ${name[0]?.toUpperCase()}${name.slice(1)} `;
    const changed = (files.get(file) ?? "").replace(
      new RegExp(`(${type}[^{]*{)`),
      '$1\n  """New."""\n  added: String',
    );
    await repository.write({ [file]: changed });
  }
  for (const [run, cache] of [
    ["nothing compiled before", "ours"],
    ["again", "ours"],
    ["again", "ours"],
  ] as const) {
    const measured = await measure(repository.folder, cache);
    show(`ours, ${run}`, measured);
    expectWhole(measured);
  }
});

async function readOperations(): Promise<Record<string, string>> {
  const { disk } = await import("./commands/disk.ts");
  const files = await disk.list(path.join(root, "schema/operations"));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return Object.fromEntries(files.map((file, index) => [path.relative(root, file), texts[index] ?? ""]));
}

it("measures 100 subgraphs with 5,000 types, of which four change", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
  const sdl = (name: string, index: number, more = "") => {
    const following = `s${(index + 1) % names.length}`;
    return [
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])`,
      `type Query { ${name}: ${name}T0 ${name}List(first: Int): [${name}T7!]! }`,
      ...Array.from({ length: 50 }, (_, type) => {
        const next = `${name}T${(type + 1) % 50}`;
        const away = type === 0 ? `other: ${following}T0` : "";
        const own = type === 1 ? more : "";
        return `"One of ${name}." type ${name}T${type} @key(fields: "id") { id: ID! name: String size(unit: String = "m"): Float next: ${next} many: [${name}T${(type * 7) % 50}!]! ${away} ${own} }`;
      }),
      `type ${following}T0 @key(fields: "id", resolvable: false) { id: ID! }`,
    ].join("\n");
  };
  const operations = names
    .filter((_, index) => index % 2 === 0)
    .map(
      (name, index) =>
        `query Q${index} { ${name} { name next { size many { name } } other { name next { name } } } ${name}List(first: 20) { name } }`,
    );
  const repository = await createRepository({
    "schema/schema.config.ts": configOf(names, {
      operations: [{ name: "clients", folder: "operations" }],
      lint: { rules: { "no-typename-prefix": "warn", "require-deprecation-reason": "error" } },
    }),
    "schema/operations/all.graphql": operations.join("\n"),
    ...Object.fromEntries(names.map((name, index) => [`${name}.graphql`, sdl(name, index)])),
  });
  repositories.push(repository);
  repository.commit();
  for (const index of [7, 8, 40, 77]) {
    const name = `s${index}`;
    await repository.write({ [`${name}.graphql`]: sdl(name, index, "added: Int @authenticated") });
  }
  const measured = await measure(repository.folder, "large");
  show("100 subgraphs, 5,000 types, 50 operations", measured);
  expectWhole(measured);
});
