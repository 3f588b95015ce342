import { setTimeout as sleep } from "node:timers/promises";
import type { UsedOperation } from "../cache/used-operation.ts";
import type { Generation } from "./generation.ts";

export interface WarmUpOptions {
  /** After how many milliseconds no other operation is begun. */
  readonly milliseconds: number;
  /** Ends it between two operations. */
  readonly signal?: AbortSignal | undefined;
}

/** An operation that was not made ready. */
export interface WarmUpFailure {
  readonly operation: UsedOperation;
  readonly reason: string;
}

/** What came of a warm-up. */
export interface WarmUpResult {
  /** How many operations are ready. */
  readonly ready: number;
  readonly failures: readonly WarmUpFailure[];
  /** How many were not looked at, as time or room had run out. */
  readonly left: number;
  readonly milliseconds: number;
}

/**
 * Plans and compiles operations for a supergraph, in the order given. Planning takes a thread as long as it takes;
 * between two operations others have the thread for as long, so that requests go on meanwhile.
 *
 * @param isCurrent tells whether the gateway's store of plans is about this supergraph
 * @returns when all is done, or the time or the cache is used up; never rejects
 */
export async function warmUp(
  generation: Generation,
  operations: readonly UsedOperation[],
  { milliseconds, signal, isCurrent }: WarmUpOptions & { readonly isCurrent: () => boolean },
): Promise<WarmUpResult> {
  const start = performance.now();
  const { programs } = generation;
  const { evictions } = programs.stats;
  const failures: WarmUpFailure[] = [];
  let done = 0;
  for (const operation of operations) {
    const began = performance.now();
    // Where something is dropped for what is made now, it is what was made before, which is used more.
    const isFull = programs.stats.evictions > evictions;
    if (signal?.aborted === true || began - start >= milliseconds || isFull) break;
    try {
      await generation.warmUp(operation, isCurrent);
    } catch (error) {
      failures.push({ operation, reason: error instanceof Error ? error.message : String(error) });
    }
    done++;
    if (done < operations.length) await sleep(performance.now() - began);
  }
  return {
    ready: done - failures.length,
    failures,
    left: operations.length - done,
    milliseconds: performance.now() - start,
  };
}
