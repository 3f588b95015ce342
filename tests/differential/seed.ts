import { inspect } from "node:util";
import { runCases } from "./cases.ts";
import { createTally, type Tally } from "./tally.ts";

/** What a thread is to do. */
export interface SeedTask {
  readonly seed: number;
  readonly operations: number;
}

/** What came of it. */
export interface SeedResult {
  readonly isComposed: boolean;
  readonly tally: Tally;
  /** What was wrong, each with all that is needed to see it again. */
  readonly differences: readonly string[];
}

/** Compares the cases of one seed, in a thread of {@link import("./main.ts")}. */
export async function runSeed({ seed, operations }: SeedTask): Promise<SeedResult> {
  const tally = createTally();
  const differences: string[] = [];
  let isComposed = true;
  try {
    isComposed = await runCases({
      seed,
      operations,
      tally,
      onDifference: ({ message }) => void differences.push(message),
    });
  } catch (error) {
    // The other seeds of a long run are compared all the same.
    differences.push(`seed ${seed}: ${inspect(error)}`);
  }
  return { isComposed, tally, differences };
}
