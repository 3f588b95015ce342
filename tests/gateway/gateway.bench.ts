import { writeSync } from "node:fs";
import { it } from "vitest";
import { runBenchmark } from "./benchmark.ts";
import { readConfig } from "./config.ts";

/*
 * npm run bench -- gateway: CPU, throughput, latency and memory of our gateway beside Apollo Gateway and Hive Gateway.
 * docs/performance.md explains the columns. BENCH_ROUNDS=1 BENCH_SECONDS=1 and the like make it shorter.
 */
const HOUR_MILLISECONDS = 3_600_000;

// oxlint-disable-next-line vitest/expect-expect -- it measures; what goes wrong is thrown
it("measures the gateways", { timeout: 2 * HOUR_MILLISECONDS }, async () => {
  // Past vitest, which puts a heading in front of each line.
  await runBenchmark(readConfig([]), (line) => writeSync(1, `${line}\n`));
});
