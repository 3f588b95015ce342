#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { isMainThread } from "node:worker_threads";

// Node keeps what it compiled, under the temporary directory and by the files' content.
enableCompileCache();

// The work is done by a thread of this very file, so that it can be ended where it takes too long.
if (isMainThread) {
  const { runProgram } = await import("./cli/program.ts");
  process.exitCode = await runProgram({
    args: process.argv.slice(2),
    env: process.env,
    isTerminal: process.stdout.isTTY,
    worker: new URL(import.meta.url),
  });
} else {
  const { work } = await import("./task/worker.ts");
  await work();
}
