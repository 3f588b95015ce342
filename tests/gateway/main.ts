import { runBenchmark } from "./benchmark.ts";
import { readConfig } from "./config.ts";
import { endOnSignal } from "./processes.ts";

// node tests/gateway/main.ts [--rounds 3] [--seconds 2] [--works own-tokens] [--contestants stock,ours] ...: the benchmark
// without vitest. See docs/performance.md.
endOnSignal();
await runBenchmark(readConfig(process.argv.slice(2)), console.log);
