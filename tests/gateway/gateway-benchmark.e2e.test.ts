import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const WIDTH = 100;

/** Runs the benchmark, short, with an npm that cannot install anything. */
async function runShort(...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "gateway-benchmark-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, "npm"), "#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n", {
    mode: 0o755,
  });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      path.join(import.meta.dirname, "main.ts"),
      ...[
        "--rounds",
        "2",
        "--seconds",
        "0.3",
        "--warm-up",
        "0.3",
        "--lead-in",
        "0.1",
        "--connections",
        "8",
        "--starts",
        "1",
      ],
      ...["--gateway", "sources"],
      ...["--cache", path.join(folder, "cache"), ...args],
    ],
    { env: { ...process.env, PATH: `${folder}${path.delimiter}${process.env.PATH}` } },
  );
  return stdout;
}

test.runIf(process.platform === "linux")(
  "gateways are measured beside each other, and one that cannot be had is named",
  async () => {
    const output = await runShort(
      "--works",
      "ten-fields",
      "--contestants",
      "stock,hive,ours-bare,ours,floor,floor-own",
    );
    const row = (name: string) =>
      output.split("\n").find((line) => line.startsWith(name) && /\d+%/.test(line));

    expect(output).toContain("not measured: Hive Gateway: npm could not install it: npm error code E404");
    expect(row("Hive Gateway")).toBeUndefined();
    // CPU, its spread, the ratio to stock, and so on to the calls of each request.
    expect(row("Apollo Gateway, Apollo Server")).toMatch(/ \d+\.\d{3} +\d+% +1\.0 .* 4\.00 +\d+ +\d+$/);
    for (const name of [
      "ours, bare node:http",
      "ours, the gateway",
      "floor: its calls by undici",
      "floor: its calls by ours",
    ])
      expect(row(name), output).toMatch(/ \d+\.\d{3} +\d+% +\d+\.\d .* 4\.00 +\d+ +\d+$/);

    expect(output).toMatch(/plan of the first operation, the public benchmark's +\d+\.\d +\d+\.\d$/m);
    expect(output).toMatch(/ten-fields: CPU, ours, the gateway +10x +\d+\.\dx {2}(met|not yet)$/m);
    const table = output.split("\n").filter((line) => !line.includes("not measured"));
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
  },
);

test.runIf(process.platform === "linux")(
  "a benchmark that is told to end leaves no process behind",
  async () => {
    const benchmark = spawn(
      process.execPath,
      [path.join(import.meta.dirname, "main.ts"), "--works", "ten-fields", "--contestants", "stock"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let output = "";
    benchmark.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    await expect.poll(() => output, { timeout: 60_000 }).toContain("round 1");
    const { pid } = benchmark;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    expect(children).toHaveLength(3);
    benchmark.kill("SIGTERM");
    await once(benchmark, "exit");
    await expect.poll(() => children.filter(isAlive)).toEqual([]);
  },
);

/** Whether a process runs; one that ended and that nobody has asked about yet has no command line any more. */
function isAlive(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
}
