import { makePlan } from "./plan.ts";
import { shrink, type SmallerPlan } from "./shrink.ts";
import { simulate } from "./simulate.ts";

/** Seeds that follow one another. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

/** A schedule that broke a rule. */
export interface Failure extends SmallerPlan {
  readonly seed: number;
  readonly findings: readonly string[];
  /** How many actions and faults the schedule had. */
  readonly items: number;
}

/** What became of many schedules. */
export interface Tally {
  schedules: number;
  events: number;
  simulatedMs: number;
  readonly orders: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly failures: Failure[];
}

export function createTally(): Tally {
  return { schedules: 0, events: 0, simulatedMs: 0, orders: {}, faults: {}, failures: [] };
}

/** Adds a tally to another one. */
export function addTally(sum: Tally, part: Tally): void {
  sum.schedules += part.schedules;
  sum.events += part.events;
  sum.simulatedMs += part.simulatedMs;
  for (const key of ["orders", "faults"] as const)
    for (const [name, count] of Object.entries(part[key])) sum[key][name] = (sum[key][name] ?? 0) + count;
  sum.failures.push(...part.failures);
}

/** Runs the schedules of some seeds, in a thread of its own. What fails is made smaller. */
export async function runSeeds({ from, count }: SeedRange): Promise<Tally> {
  // Most errors in here are wanted, and nobody reads where they came from.
  Error.stackTraceLimit = 0;
  const tally = createTally();
  for (let seed = from; seed < from + count; seed++) {
    const plan = makePlan(seed);
    const { findings, events, simulatedMs, orders } = await simulate(plan);
    const items = plan.actions.length + plan.faults.length;
    const faults: Record<string, number> = {};
    for (const { kind } of plan.faults) faults[kind] = (faults[kind] ?? 0) + 1;
    const failures = findings.length === 0 ? [] : [{ seed, findings, items, ...(await shrink(plan)) }];
    addTally(tally, { schedules: 1, events, simulatedMs, orders, faults, failures });
  }
  return tally;
}

/** Says what failed, and how to see it again. */
export function describeFailure({ seed, findings, items, keep }: Failure): string {
  const command = `npm run simulate -- --seed ${seed}`;
  return [
    `seed ${seed}:`,
    ...findings.map((finding) => `  ${finding}`),
    `  see it with     ${command}`,
    `  made smaller    ${command} --keep ${keep.join(",")}   (${keep.length} of ${items} actions and faults)`,
  ].join("\n");
}
