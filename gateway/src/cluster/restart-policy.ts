export interface RestartPolicyOptions {
  readonly workers: number;
  /** In milliseconds, from any point. */
  readonly now: () => number;
}

/** When a worker that ended is started again. */
export interface RestartPolicy {
  /**
   * Notes that a worker ended of its own accord.
   *
   * @param number which one
   * @returns how many milliseconds to wait before another one is started; null to give up
   */
  ended(number: number): number | null;
}

/** What lies further back, in milliseconds, does not count. */
const memory = 60_000;
const waits = [100, 200, 400, 800, 1_600, 3_200, 6_400];
/** Ends for each worker, in all of them together, that are too many. */
const endsForEach = 5;

/**
 * Makes a policy: each worker waits twice as long as the last time, and all is given up when there were more than five
 * ends for each worker in a minute. So one worker out of many that cannot run does not take the others along: it is
 * tried again and again.
 */
export function createRestartPolicy({ workers, now }: RestartPolicyOptions): RestartPolicy {
  let ends: { readonly number: number; readonly at: number }[] = [];
  return {
    ended(number) {
      const at = now();
      ends = [...ends.filter((end) => at - end.at < memory), { number, at }];
      if (ends.length > endsForEach * workers) return null;
      const own = ends.filter((end) => end.number === number).length;
      return waits[Math.min(own, waits.length) - 1] ?? 0;
    },
  };
}
