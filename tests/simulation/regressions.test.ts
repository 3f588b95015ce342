import { expect, test } from "vitest";
import { makePlan } from "./plan.ts";
import { simulate } from "./simulate.ts";

// What the simulation has found in the protocol, by a seed that showed it. They are among the 10,000 of
// simulation.test.ts as well; here is said what broke.

test.for([
  [426, "an order whose payment was refunded in part before the reply to its capture came waited for ever"],
  [83, "a refund that a client asked for while all was given back went out on top of it"],
  [366, "a shard whose lock was answered too late was relayed by nobody as long as the session lasted"],
  [2112, "a dead letter that the database refused at first held up its aggregate for good"],
] as const)("seed %i: %s", async ([seed]) => {
  const { findings } = await simulate(makePlan(seed));
  expect(findings).toEqual([]);
});
