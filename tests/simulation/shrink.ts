import { keepOnly, type Plan } from "./plan.ts";
import { simulate, type SimulateOptions } from "./simulate.ts";

/** What of a schedule is enough to break the same rule. */
export interface SmallerPlan {
  /** Ids of its actions and faults. */
  readonly keep: readonly string[];
}

/** More runs than this are not worth it. */
const MOST_RUNS = 200;

/**
 * Leaves out actions and faults of a schedule that fails, as long as it still breaks the same rule. Each is left out
 * alone until none can be. Streams of chance are one for each purpose, so that most of the rest stays as it was.
 */
export async function shrink(plan: Plan, options: SimulateOptions = {}): Promise<SmallerPlan> {
  const ruleOf = async (tried: Plan): Promise<string | undefined> =>
    (await simulate(tried, options)).findings[0]?.split(" ")[0];
  const rule = await ruleOf(plan);
  let keep = [...plan.faults, ...plan.actions].map(({ id }) => id);
  let runs = 0;
  for (let shrunk = true; shrunk && runs < MOST_RUNS;) {
    shrunk = false;
    for (const id of [...keep]) {
      const fewer = keep.filter((each) => each !== id);
      runs += 1;
      if ((await ruleOf(keepOnly(plan, new Set(fewer)))) !== rule) continue;
      keep = fewer;
      shrunk = true;
    }
  }
  return { keep };
}
