import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Mutation } from "./mutation.ts";
import { PLANTED, SHARED_SHARDS } from "./mutations.ts";
import { keepOnly, makePlan } from "./plan.ts";
import { describeFailure } from "./seeds.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";

// What the simulation looks with: each fault that is planted into the protocol must be found, by its rule.

test.for(Object.entries(PLANTED))(
  "finds that %s",
  { timeout: 600_000 },
  async ([, { mutation, rules, within }]) => {
    const found = await firstFound(mutation, rules, within);
    console.log(`found within ${found.schedules} schedules, ${within} are the limit: ${found.finding}`);
    expect(rules).toContain(found.finding.slice(0, 2));
  },
);

async function firstFound(
  mutation: Mutation,
  rules: readonly string[],
  within: number,
): Promise<{ schedules: number; finding: string }> {
  for (let seed = 1; seed <= within; seed++) {
    const { findings } = await simulate(makePlan(seed), { mutation });
    const finding = findings.find((each) => rules.includes(each.slice(0, 2)));
    if (finding !== undefined) return { schedules: seed, finding };
  }
  return { schedules: within, finding: "nothing was found" };
}

test("relays that hold the same shards at the same time repeat messages, and break no rule", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { findings } = await simulate(makePlan(seed), { mutation: SHARED_SHARDS });
    expect(findings, `seed ${seed}`).toEqual([]);
  }
});

test("a schedule that fails is made smaller, and the smaller one breaks the same rule", async () => {
  const { mutation } = PLANTED["there is no inbox"]!;
  const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
  const outcomes = await Promise.all(seeds.map((seed) => simulate(makePlan(seed), { mutation })));
  const seed = seeds.find((_, index) => outcomes[index]!.findings.length > 0)!;
  const plan = makePlan(seed);
  const { keep } = await shrink(plan, { mutation });
  expect(keep.length).toBeLessThan(plan.actions.length + plan.faults.length);
  const { findings } = await simulate(keepOnly(plan, new Set(keep)), { mutation });
  expect(findings[0]).toMatch(/^A6/);
  const text = describeFailure({ seed, findings, keep, items: plan.actions.length + plan.faults.length });
  expect(text).toContain(`npm run simulate -- --seed ${seed} --keep ${keep.join(",")}`);
});

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), ...args]);

test("the command replays one schedule and prints what happens in it", async () => {
  const { stdout } = await run("--seed", "7");
  expect(stdout).toMatch(/ ms {2}order-1 +COMMIT\n/);
  expect(stdout).toMatch(/No rule was broken\.\n$/);
  const { faults, actions } = makePlan(7);
  const { stdout: smaller } = await run("--seed", "7", "--keep", actions[0]!.id);
  expect(smaller).toContain(`"id":"${actions[0]!.id}"`);
  for (const { id } of faults) expect(smaller).not.toContain(`"id":"${id}"`);
});

test("the command runs so many schedules, and says what they were", async () => {
  const { stdout } = await run("--schedules", "50", "--from", "100");
  expect(stdout).toMatch(/50 schedules from seed 100 on/);
  expect(stdout).toMatch(/No rule was broken\.\n$/);
});

test.each([
  [["--minutes", "soon"], "--minutes must be a whole number"],
  [["--seed", "7", "--keep", "x9"], "seed 7 has no x9"],
  [["--loud"], "Unknown option"],
])("the command says what is wrong with %j", async (args, words) => {
  await expect(run(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
});
