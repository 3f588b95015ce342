import type { Clock } from "../clock.ts";
import type { OutboxStore } from "./relay.ts";
import type { ShardLocks } from "./shard-locks.ts";

/** How often a relay sees to its shards: one that died is replaced within it and what the server takes to notice. */
export const BALANCE_MS = 1_000;

export interface ShardedOutboxOptions {
  /** Gives rows of the shards that are held alone. */
  readonly outbox: OutboxStore;
  readonly locks: ShardLocks;
  readonly clock: Clock;
  /** Whether there is a session to hold locks. */
  readonly connected: () => boolean;
}

/** Makes the store of a relay that shares its outbox with others. It sees to its locks before it reads, and so never while it publishes. */
export function createShardedOutbox({ outbox, locks, clock, connected }: ShardedOutboxOptions): OutboxStore {
  let balancedAt = -Infinity;
  return {
    markPublished: (rows) => outbox.markPublished(rows),
    async unpublished(limit) {
      // A clock that was set back must not keep it from looking.
      if (connected() && Math.abs(clock.now() - balancedAt) >= BALANCE_MS) {
        balancedAt = clock.now();
        await locks.balance();
      }
      return outbox.unpublished(limit);
    },
  };
}
