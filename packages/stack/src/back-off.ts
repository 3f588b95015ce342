/** Waits before each new start of a process that ended; after the last, the stack gives up. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000];
/** A process that ran for so long starts over with the first wait. */
const STEADY_MS = 60_000;

export interface BackOff {
  /**
   * @param ranForMs how long the process ran that has ended; 0 for one that did not start
   * @returns how long to wait before the next start, in milliseconds; undefined to give up
   */
  next(ranForMs: number): number | undefined;
}

/** Makes the back-off of one process. */
export function createBackOff(): BackOff {
  let attempts = 0;
  return {
    next(ranForMs) {
      if (ranForMs > STEADY_MS) attempts = 0;
      return WAITS_MS[attempts++];
    },
  };
}
