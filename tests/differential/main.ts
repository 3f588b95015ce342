import { createTally, DifferenceError, runCases } from "./cases.ts";

// npm run differential -w tests -- [cases] [seed]: compares as many cases as asked for, and tells what they were.
process.env.APOLLO_TELEMETRY_DISABLED = "1";
const [cases = 20_000, seed = 1] = process.argv.slice(2).map(Number);
const PER_SUPERGRAPH = 40;

const tally = createTally();
let differences = 0;
let uncomposed = 0;
for (let next = seed; tally.cases < cases; next++) {
  try {
    if (!(await runCases(next, Math.min(PER_SUPERGRAPH, cases - tally.cases), tally))) uncomposed++;
  } catch (error) {
    if (!(error instanceof DifferenceError)) throw error;
    differences++;
    console.error(error.message, "\n");
    if (differences === 10) break;
  }
}
console.log(JSON.stringify({ firstSeed: seed, differences, uncomposed, ...tally }, null, 2));
process.exitCode = differences === 0 ? 0 : 1;
