import type { Contestant } from "../contestants/contestants.ts";
import type { Sample } from "../measure.ts";
import type { Usage } from "../usage.ts";
import { median } from "./statistics.ts";

/** What was measured of one contestant on one work. */
export interface Row {
  readonly contestant: Contestant;
  /** One for each round. */
  readonly samples: readonly Sample[];
  /** Length of its answer. */
  readonly bytes: number;
  /** At the end. */
  readonly usage: Usage;
  readonly readyMilliseconds: number;
}

/** Median of the rounds. */
export function medianOf({ samples }: Row, pick: (sample: Sample) => number): number {
  return median(samples.map(pick));
}

/**
 * How many times less CPU a contestant takes for a request than another one: the median of the rounds' ratios, as what
 * else the machine does is alike within a round.
 */
export function cpuRatio(base: Row, { samples }: Row): number {
  return median(
    samples.flatMap(({ cpuMillisecondsPerRequest }, round) => {
      const other = base.samples[round];
      return other === undefined ? [] : [other.cpuMillisecondsPerRequest / cpuMillisecondsPerRequest];
    }),
  );
}
