import { setImmediate } from "node:timers/promises";
import { Presets, SingleBar } from "cli-progress";
import { CASES_OF_OPERATION, runCases } from "./cases.ts";
import { createTally } from "./tally.ts";

// npm run differential -w tests -- [cases] [seed]: compares as many cases as asked for, shows the first differences, and
// tells what the cases were. The seed is that of the first supergraph, and the next ones follow.
process.env.APOLLO_TELEMETRY_DISABLED = "1";
const [cases = 20_000, seed = 1] = process.argv.slice(2).map(Number);
const OPERATIONS = 40;
const SHOWN = 10;

const bar = new SingleBar(
  {
    format:
      "{bar} {percentage}% | {value} of {total} cases | {differences} differences | seed {seed} | {eta_formatted}",
    noTTYOutput: true,
    notTTYSchedule: 60_000,
    etaBuffer: 1000,
  },
  Presets.shades_classic,
);
const tally = createTally();
let differences = 0;
let uncomposed = 0;
bar.start(cases, 0, { differences, seed });
for (let next = seed; tally.cases < cases; next++) {
  const operations = Math.min(OPERATIONS, Math.ceil((cases - tally.cases) / CASES_OF_OPERATION));
  const composed = await runCases({
    seed: next,
    operations,
    tally,
    onDifference(error) {
      differences++;
      if (differences <= SHOWN) console.error(`\n${error.message}\n`);
    },
  });
  if (!composed) uncomposed++;
  if (differences >= SHOWN) break;
  bar.update(tally.cases, { differences, seed: next });
  // All else is done without a turn of the event loop, and the bar waits for one.
  await setImmediate();
}
bar.stop();
const features = Object.fromEntries(Object.entries(tally.features).sort(([, one], [, other]) => other - one));
console.log(JSON.stringify({ firstSeed: seed, differences, uncomposed, ...tally, features }, null, 2));
process.exitCode = differences === 0 ? 0 : 1;
