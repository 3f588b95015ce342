import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";

/* How long `schema check` takes from a cold start, all steps, and how much memory: our supergraph; and 100 subgraphs with 5,000 types. */

const main = path.join(import.meta.dirname, "main.ts");
const root = path.resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(path.join(tmpdir(), "schema-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the check; its code, seconds of wall time and the most resident memory in MB (0 where the system does not say). */
function measure(
  cwd: string,
  base: string,
): Promise<{ code: number | null; seconds: number; memory: number }> {
  const begin = performance.now();
  const child = spawn(process.execPath, [main, "check", "--base", base], { cwd, stdio: "ignore" });
  let memory = 0;
  const poll = setInterval(() => {
    try {
      const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
      memory = line === null ? memory : Number(line[1]) / 1024;
    } catch {
      clearInterval(poll);
    }
  }, 50);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearInterval(poll);
      resolve({ code, seconds: (performance.now() - begin) / 1000, memory });
    });
  });
}

it("measures our own supergraph", async () => {
  const { code, seconds, memory } = await measure(root, "HEAD");
  console.log(`ours: ${seconds.toFixed(2)} s, ${memory.toFixed(0)} MB`);
  expect(code).toBeLessThanOrEqual(1);
});

it("measures 100 subgraphs with 5,000 types", async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], {
      cwd: folder,
    });
  const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
  const sdl = (name: string, index: number, more: string) =>
    [
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`,
      `type Query { ${name}: ${name}T0 }`,
      ...Array.from({ length: 50 }, (_, type) => {
        const next = `${name}T${(type + 1) % 50}`;
        const other = `s${(index + 1) % 100}T0`;
        const away = type === 0 ? `other: ${other}` : "";
        return `type ${name}T${type} @key(fields: "id") { id: ID! name: String next: ${next} ${away} ${type === 1 ? more : ""} }`;
      }),
      `type s${(index + 1) % 100}T0 @key(fields: "id", resolvable: false) { id: ID! }`,
    ].join("\n");
  mkdirSync(path.join(folder, "schema"));
  const subgraphs = names.map((name) => ({
    name,
    url: `http://localhost/${name}`,
    schema: `${name}.graphql`,
  }));
  const output = { supergraph: "supergraph.graphql", api: "api.graphql" };
  const config = `export default ${JSON.stringify({ subgraphs, output })};`;
  writeFileSync(path.join(folder, "schema/schema.config.ts"), config);
  for (const [index, name] of names.entries()) {
    writeFileSync(path.join(folder, `schema/${name}.graphql`), sdl(name, index, ""));
  }
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "base");
  writeFileSync(path.join(folder, "schema/s7.graphql"), sdl("s7", 7, "added: Int"));
  const { code, seconds, memory } = await measure(folder, "HEAD");
  console.log(`100 subgraphs, 5,000 types: ${seconds.toFixed(2)} s, ${memory.toFixed(0)} MB`);
  expect(code).toBe(0);
});
