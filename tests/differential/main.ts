import { availableParallelism } from "node:os";
import { Presets, SingleBar } from "cli-progress";
import { Tinypool } from "tinypool";
import { CASES_OF_OPERATION, MOST_UNPLANNED } from "./cases.ts";
import { runSeed, type SeedResult, type SeedTask } from "./seed.ts";
import { addTally, createTally } from "./tally.ts";

// npm run differential -w tests -- [cases] [seed]: compares as many cases as asked for, a supergraph per core at a time,
// shows what differs, and tells what the cases were. The seed is that of the first supergraph, and the next
// ones follow.
const OPERATIONS = 40;
/** Where there are so many, something is wrong in general. */
const MOST_DIFFERENCES = 100;
/** In megabytes. Most of what is made is of no use a moment later: with more room there is less to clear up. */
const YOUNG_GENERATION = 64;
/** From how much memory on a thread is replaced by a new one: code that was generated stays with one for long. */
const RECYCLED_BYTES = 400 * 1024 * 1024;

const [cases = 20_000, seed = 1] = process.argv.slice(2).map(Number);
if (![cases, seed].every((each) => Number.isSafeInteger(each) && each > 0)) {
  console.error("npm run differential -w tests -- [cases] [seed]: both are whole numbers from 1 on.");
  process.exit(2);
}

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
const threads = availableParallelism();
const pool = new Tinypool({
  filename: new URL("./seed.ts", import.meta.url).href,
  minThreads: threads,
  maxThreads: threads,
  // Apollo need not know that this has run.
  env: { APOLLO_TELEMETRY_DISABLED: "1" },
  maxMemoryLimitBeforeRecycle: RECYCLED_BYTES,
  resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
});
const tally = createTally();
let differences = 0;
let uncomposed = 0;
let next = seed;
/** Operations of the seeds that threads are at. */
let underWay = 0;

bar.start(cases, 0, { differences, seed });
// Where operations can't be planned, there are fewer cases than was thought, and another round.
while (isToGoOn()) await Promise.all(Array.from({ length: threads }, takeSeeds));
bar.stop();
await pool.destroy();
const features = Object.fromEntries(Object.entries(tally.features).sort(([, one], [, other]) => other - one));
console.log(
  JSON.stringify(
    { firstSeed: seed, lastSeed: next - 1, differences, uncomposed, ...tally, features },
    null,
    2,
  ),
);
const isBounded =
  tally.unplanned.length * CASES_OF_OPERATION <
  Math.max(tally.cases * MOST_UNPLANNED, 2 * CASES_OF_OPERATION);
if (!isBounded) console.error("Too many plans took too long; see unplanned.");
process.exitCode = differences === 0 && isBounded ? 0 : 1;

function isToGoOn(): boolean {
  return tally.cases < cases && differences < MOST_DIFFERENCES;
}

/** Has seed after seed compared, until there are enough. */
async function takeSeeds(): Promise<void> {
  while (isToGoOn()) {
    const operations = Math.min(OPERATIONS, Math.ceil((cases - tally.cases) / CASES_OF_OPERATION) - underWay);
    if (operations <= 0) return;
    underWay += operations;
    const result = (await pool.run({ seed: next++, operations } satisfies SeedTask, {
      name: runSeed.name,
    })) as SeedResult;
    underWay -= operations;
    take(result);
  }
}

function take(result: SeedResult): void {
  addTally(tally, result.tally);
  if (!result.isComposed) uncomposed++;
  differences += result.differences.length;
  for (const message of result.differences) console.error(`\n${message}\n`);
  bar.update(tally.cases, { differences, seed: next - 1 });
}
