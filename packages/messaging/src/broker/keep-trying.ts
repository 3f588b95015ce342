import { backoff } from "../backoff.ts";
import { systemClock } from "../clock.ts";

const RETRY = { baseMs: 100, capMs: 2_000 };

/**
 * Does something again and again until it succeeds.
 *
 * @param closed rejects it with its reason
 * @param onError told of each failure
 */
export async function keepTrying<T>(
  work: () => Promise<T>,
  closed: AbortSignal,
  onError: (error: Error) => void,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    closed.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      onError(error as Error);
      await systemClock.sleep(backoff(failures, RETRY, systemClock), closed);
    }
  }
}
