import { availableParallelism } from "node:os";
import { Tinypool } from "tinypool";
import { addTally, createTally, type SeedRange, type Tally } from "./seeds.ts";

export interface RunManyOptions {
  /** The first seed. */
  readonly from: number;
  /** Whether another range of seeds is to be run, given how many were begun. */
  readonly goOn: (begun: number) => boolean;
  readonly onProgress?: (tally: Tally) => void;
}

/** How many schedules a thread runs at a time. */
export const RANGE = 50;

/** Runs schedules, a thread for each core. */
export async function runMany({ from, goOn, onProgress }: RunManyOptions): Promise<Tally> {
  const threads = availableParallelism();
  const pool = new Tinypool({
    filename: new URL("./seeds.ts", import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  const tally = createTally();
  let begun = 0;
  async function work(): Promise<void> {
    while (goOn(begun)) {
      const range: SeedRange = { from: from + begun, count: RANGE };
      begun += RANGE;
      addTally(tally, (await pool.run(range, { name: "runSeeds" })) as Tally);
      onProgress?.(tally);
    }
  }
  try {
    await Promise.all(Array.from({ length: threads }, work));
  } finally {
    await pool.destroy();
  }
  tally.failures.sort((left, right) => left.seed - right.seed);
  return tally;
}
