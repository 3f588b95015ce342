/**
 * Runs turbo with its telemetry and its update notice off, under the pinned Node:
 * `node scripts/turbo.mjs [--quiet] <turbo's own arguments>`. The exit code is turbo's own.
 *
 * With `--quiet`, nothing is shown unless turbo fails or takes longer than a moment.
 *
 * Plain JavaScript, so that it still runs (and says what is wrong) where the pinned Node is missing and an older one
 * was found instead.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { missingRuntime } from "./runtime.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const quiet = process.argv[2] === "--quiet";
const args = process.argv.slice(quiet ? 3 : 2);

const fault = missingRuntime();
if (fault !== null) {
  console.error(fault);
  process.exit(2);
}

const child = spawn(process.execPath, [createRequire(import.meta.url).resolve("turbo/bin/turbo"), ...args], {
  cwd: root,
  env: {
    ...process.env,
    // Turbo starts `npm run <task>` in each package; the pinned Node has to be the first one found there too.
    PATH: [path.join(root, "node_modules", ".bin"), process.env.PATH].join(path.delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
  },
  stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
});

let output = "";
for (const stream of [child.stdout, child.stderr])
  stream?.setEncoding("utf8").on("data", (text) => (output += text));
const notice = setTimeout(() => {
  if (quiet) console.error(`turbo ${args.join(" ")} ...`);
}, 1000);

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("close", (code) => {
  clearTimeout(notice);
  if (code !== 0) process.stderr.write(output);
  process.exitCode = code ?? 130;
});
