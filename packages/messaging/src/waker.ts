import type { Clock } from "./clock.ts";

/** Lets a loop sleep until it is woken. A wake-up while it does not sleep is kept for the next sleep. */
export interface Waker {
  wake(): void;
  /** Forgets wake-ups that came so far: what is read from here on includes what they told. */
  clear(): void;
  /** Settles when woken, or after so many milliseconds, or when the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Why a sleep ends early. Without a reason each abortion makes an error, with its stack. */
const WOKEN = "woken";

/** How long a loop that is busy waits for more, in milliseconds: ten hops of an order take no more than 50 ms longer. */
export const LINGER_MS = 5;
/** A loop that has slept longer than this is not busy: there is nothing to wait for. */
const BUSY_MS = 20;

/**
 * Creates a waker.
 *
 * @param lingerMs how long a loop that is woken again and again sleeps on, so that it handles together what comes meanwhile;
 *   0 by default
 */
export function createWaker(clock: Clock, lingerMs = 0): Waker {
  let woken = false;
  let sleeping: AbortController | undefined;
  let wokenAt = -Infinity;

  async function linger(signal: AbortSignal): Promise<void> {
    // A clock that was set back must not make it wait.
    const isBusy = Math.abs(clock.now() - wokenAt) < BUSY_MS + lingerMs;
    if (isBusy && lingerMs > 0) await clock.sleep(lingerMs, signal);
    wokenAt = clock.now();
  }
  return {
    wake() {
      woken = true;
      sleeping?.abort(WOKEN);
    },
    clear() {
      woken = false;
    },
    async wait(milliseconds, signal) {
      if (woken || signal.aborted) return linger(signal);
      const alarm = (sleeping = new AbortController());
      const stop = () => alarm.abort(WOKEN);
      signal.addEventListener("abort", stop, { once: true });
      await clock.sleep(milliseconds, alarm.signal);
      signal.removeEventListener("abort", stop);
      sleeping = undefined;
      if (woken) await linger(signal);
    },
  };
}
