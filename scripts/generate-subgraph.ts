/**
 * Generates what a subgraph's compiler reads: `node scripts/generate-subgraph.ts <context>`.
 *
 * - prisma/<context>/schema.prisma    -> subgraphs/<context>/src/generated/prisma/
 * - subgraphs/<context>/schema.graphql -> subgraphs/<context>/src/generated/resolvers.ts
 *
 * Works offline. Quiet unless something fails; exits with 1 then.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
const context = process.argv[2];
if (context === undefined || !existsSync(path.join(root, "subgraphs", context, "schema.graphql"))) {
  console.error("usage: node scripts/generate-subgraph.ts <context>, the name of a folder in subgraphs/");
  process.exit(2);
}

const require = createRequire(import.meta.url);

const steps = [
  {
    name: "prisma generate",
    script: require.resolve("prisma/build/index.js"),
    args: ["generate", "--no-hints"],
    cwd: path.join(root, "prisma", context),
    env: {
      // `generate` never starts the schema engine, but downloads it unless told of a file that is there.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  },
  {
    name: "graphql-codegen",
    script: path.join(root, "node_modules/@graphql-codegen/cli/esm/bin.js"),
    args: ["--config", "codegen.ts"],
    cwd: path.join(root, "subgraphs", context),
    env: {},
  },
];

/** Collects all that a process writes, and gives it with the exit code when the process has ended. */
function finish(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

await Promise.all(
  steps.map(async ({ name, script, args, cwd, env }) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { code, output } = await finish(child);
    if (code === 0) return;
    console.error(`${name} failed for the ${context} subgraph:\n${output}`);
    process.exitCode = 1;
  }),
);
