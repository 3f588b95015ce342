import { defineConfig } from "vitest/config";
import { stillRunning } from "./scripts/still-running.ts";

const report = process.env.TEST_REPORT;
const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
// Vitest prints the seed. TEST_SEED=<seed> npm test gives the same order again, and the same random values to tests
// that make them: it is in the environment of each test.
process.env.TEST_SEED = String(seed);

// *.test.ts are run by `npm test`: beside the sources one module at a time, in tests/ across processes
// (<behaviour>.e2e.test.ts, and <behaviour>.fault.test.ts where something is broken on purpose).
// *.bench.ts are run by `npm run bench` alone.
export default defineConfig({
  test: {
    include: ["{gateway,subgraphs,packages,deploy,scripts,tests}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/generated/**"],
    benchmark: { include: ["{gateway,subgraphs,packages,tests}/**/*.bench.ts"] },
    // TEST_REPORT=<file> also writes the results there, as JSON; CI counts them.
    reporters: [
      "default",
      stillRunning(),
      ...(report === undefined ? [] : [["json", { outputFile: report }] as ["json", { outputFile: string }]]),
    ],
    pool: "forks",
    // Apollo need not know that a test has run.
    env: { APOLLO_TELEMETRY_DISABLED: "1" },
    maxWorkers: 2,
    sequence: { shuffle: { files: true, tests: true }, seed },
    // Real processes and databases are started in many of them. These are only there to end what hangs.
    testTimeout: 120_000,
    // A thread or a process may still have to come up on a machine that is busy.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false,
    unstubEnvs: true,
    restoreMocks: true,
    // Node itself loads the modules, as in production: type stripping, and one copy of graphql (Vite's loader takes its
    // ESM build, and CommonJS packages the other one).
    experimental: { viteModuleRunner: false },
  },
});
