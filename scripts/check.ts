/**
 * Runs every check that CI runs: `npm run check [-- --skip-tests]`. All are run, whatever fails; what a failed one
 * said is shown at once, and a table of all of them at the end. Exits with 1 if any failed.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Outcome, renderSummary } from "./check-summary.ts";

interface Check {
  name: string;
  /** Scripts of package.json and binaries of node_modules/.bin, run one after the other. */
  commands: [tool: string, ...args: string[]][];
  /** What a person does about a failure, where the output does not say so. */
  advice?: string;
}

const checks: Check[] = [
  { name: "generated code", commands: [["node", "scripts/turbo.mjs", "--quiet", "run", "generate"]] },
  { name: "lock file", commands: [["node", "scripts/lock-platforms.mjs", "--check"]] },
  { name: "format", commands: [["prettier", "--check", "--log-level=warn", "."]], advice: "npm run format" },
  { name: "lint", commands: [["oxlint", "--quiet"]], advice: "npm run lint -- --fix repairs some" },
  {
    name: "types",
    commands: [
      ["tsc", "--noEmit"],
      ["tsc", "--noEmit", "--project", "gateway/explorer"],
    ],
  },
  { name: "boundaries", commands: [["node", "scripts/turbo.mjs", "boundaries"]] },
  { name: "dead code", commands: [["knip", "--no-progress", "--no-config-hints"]] },
  {
    name: "composed schemas",
    commands: [["node", "packages/schema-cli/src/main.ts", "compose", "--frozen"]],
  },
  { name: "error codes' page", commands: [["node", "packages/subgraph-kit/src/errors/docs.ts", "--check"]] },
];
const tests: Check = { name: "tests", commands: [["vitest", "run"]] };

const root = path.dirname(import.meta.dirname);
const env = {
  ...process.env,
  PATH: [path.join(root, "node_modules/.bin"), process.env.PATH].join(path.delimiter),
};

/** Runs one command to its end. Its output is collected, or goes to the terminal as it comes. */
function run(
  [tool, ...args]: [string, ...string[]],
  live: boolean,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const windows = process.platform === "win32";
    const child = spawn(tool, args, { cwd: root, env, shell: windows, stdio: live ? "inherit" : "pipe" });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs a check, and shows what it said where it failed. */
async function perform({ name, commands, advice }: Check, live: boolean): Promise<Outcome> {
  const start = performance.now();
  let passed = true;
  for (const command of commands) {
    const { code, output } = await run(command, live);
    if (code === 0) continue;
    passed = false;
    console.log(`\n${name} failed: ${command.join(" ")}\n${output.trim()}`);
  }
  if (!passed && advice !== undefined) console.log(`To do: ${advice}`);
  return { name, state: passed ? "passed" : "failed", seconds: (performance.now() - start) / 1000 };
}

/** The command line, or null where it is wrong. */
function readOptions(): { skipTests: boolean } | null {
  try {
    const { values } = parseArgs({ options: { "skip-tests": { type: "boolean", default: false } } });
    return { skipTests: values["skip-tests"] };
  } catch {
    return null;
  }
}

const options = readOptions();
if (options === null) {
  console.error("usage: npm run check [-- --skip-tests]");
  process.exit(2);
}
const outcomes: Outcome[] = [];
for (const check of checks) outcomes.push(await perform(check, false));
outcomes.push(
  options.skipTests ? { name: tests.name, state: "left out", seconds: 0 } : await perform(tests, true),
);
console.log(`\n${renderSummary(outcomes)}`);
if (outcomes.some(({ state }) => state === "failed")) process.exitCode = 1;
