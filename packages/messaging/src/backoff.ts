import type { Clock } from "./clock.ts";

/** How often something is tried again, and how long after. */
export interface RetryPolicy {
  /** How often a message is tried before it becomes a dead letter, the first time included. */
  readonly attempts: number;
  /** The longest wait before the second attempt, in milliseconds; it doubles with each further one. */
  readonly baseMs: number;
  /** The longest wait at all, in milliseconds. */
  readonly capMs: number;
}

/** Some 20 seconds at most. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 9, baseMs: 50, capMs: 10_000 };

/**
 * Gives a wait: exponential with full jitter, so that those that failed together do not come back together.
 *
 * @param failures how many there were, from 1
 * @returns milliseconds
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoff(
  failures: number,
  { baseMs, capMs }: Omit<RetryPolicy, "attempts">,
  clock: Clock,
): number {
  return clock.random() * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
}
