import { parseArgs } from "node:util";
import { Presets, SingleBar } from "cli-progress";
import { keepOnly, makePlan } from "./plan.ts";
import { runMany } from "./run-many.ts";
import { describeFailure } from "./seeds.ts";
import { simulate } from "./simulate.ts";

const USAGE = `npm run simulate -- [--minutes N | --schedules N] [--from SEED]
npm run simulate -- --seed SEED [--keep ID,ID...]

Runs schedules of the ordering protocol in a simulation, a thread for each core: 10,000 of them, or so many, or for so
long. Exits with 1 where one broke a rule. With --seed it runs one schedule and prints all that happens in it; --keep
leaves out all actions and faults but these.`;

function usage(fault: string): never {
  console.error(`${fault}\n\n${USAGE}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        minutes: { type: "string" },
        schedules: { type: "string" },
        from: { type: "string" },
        seed: { type: "string" },
        keep: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) usage(`--${name} must be a whole number, and is ${text}`);
  return Number(text);
}

async function replay(seed: number, keep: string | undefined): Promise<void> {
  let plan = makePlan(seed);
  if (keep !== undefined) {
    const known = new Set([...plan.actions, ...plan.faults].map(({ id }) => id));
    const ids = keep.split(",").filter((id) => id !== "");
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0) usage(`seed ${seed} has no ${unknown.join(", ")}, but ${[...known].join(", ")}`);
    plan = keepOnly(plan, new Set(ids));
  }
  const { actions, faults, ...rest } = plan;
  console.log(JSON.stringify(rest));
  for (const item of [...actions, ...faults]) console.log(JSON.stringify(item));
  const outcome = await simulate(plan, { trace: console.log });
  console.log(outcome.findings.length === 0 ? "No rule was broken." : `${outcome.findings.length} findings.`);
  process.exitCode = outcome.findings.length === 0 ? 0 : 1;
}

async function search(options: { from: number; schedules: number; minutes: number }): Promise<void> {
  const { from, schedules, minutes } = options;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  const bar = new SingleBar(
    {
      format: "{bar} {percentage}% | {schedules} schedules | {failures} failures | {minutes} min",
      noTTYOutput: true,
      notTTYSchedule: 60_000,
    },
    Presets.shades_classic,
  );
  const total = minutes > 0 ? minutes * 60 : schedules;
  bar.start(total, 0, { schedules: 0, failures: 0, minutes: 0 });
  const tally = await runMany({
    from,
    goOn: (begun) => (minutes > 0 ? seconds() < total : begun < schedules),
    onProgress: ({ schedules: done, failures }) =>
      bar.update(Math.min(total, minutes > 0 ? seconds() : done), {
        schedules: done,
        failures: failures.length,
        minutes: (seconds() / 60).toFixed(1),
      }),
  });
  bar.stop();
  for (const failure of tally.failures) console.log(`\n${describeFailure(failure)}`);
  const hours = (tally.simulatedMs / 3_600_000).toFixed(0);
  console.log(
    `\n${tally.schedules} schedules from seed ${from} on in ${seconds().toFixed(0)} s: ${tally.events} events in ${hours} simulated hours`,
  );
  console.log(`orders: ${list(tally.orders)}`);
  console.log(`faults: ${list(tally.faults)}`);
  console.log(tally.failures.length === 0 ? "No rule was broken." : `${tally.failures.length} failures.`);
  process.exitCode = tally.failures.length === 0 ? 0 : 1;
}

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, left], [, right]) => right - left)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");

const { minutes = "0", schedules = "10000", from = "1", seed, keep, help } = readArguments();
if (help) console.log(USAGE);
else if (seed !== undefined) await replay(whole("seed", seed), keep);
else {
  await search({
    from: whole("from", from),
    schedules: whole("schedules", schedules),
    minutes: whole("minutes", minutes),
  });
}
