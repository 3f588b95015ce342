import { expect, test } from "vitest";
import { makePlan } from "./plan.ts";
import { runMany } from "./run-many.ts";
import { describeFailure } from "./seeds.ts";
import { simulate } from "./simulate.ts";

const SCHEDULES = 10_000;

test(
  `${SCHEDULES} schedules of the ordering protocol break no rule`,
  async () => {
    const tally = await runMany({ from: 1, goOn: (begun) => begun < SCHEDULES });
    console.log(JSON.stringify({ events: tally.events, orders: tally.orders, faults: tally.faults }));
    expect(tally.failures.map(describeFailure).join("\n")).toBe("");
    expect(tally.schedules).toBe(SCHEDULES);
    // Orders come to every end, and some are under way when something goes wrong.
    expect(Object.keys(tally.orders).sort()).toEqual(["CANCELLED", "CONFIRMED", "FULFILLED", "REJECTED"]);
  },
  20 * 60_000,
);

test("the same seed gives the same schedule, to the last step", async () => {
  for (const seed of [3, 14, 15, 92, 65]) {
    const traces: string[][] = [[], []];
    for (const lines of traces) await simulate(makePlan(seed), { trace: (line) => lines.push(line) });
    expect(traces[0]!.length).toBeGreaterThan(100);
    expect(traces[0]).toEqual(traces[1]);
  }
});
