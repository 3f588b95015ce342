import { backoff } from "../backoff.ts";
import type { Broker, OutgoingMessage } from "../broker/broker.ts";
import type { Clock } from "../clock.ts";
import { createWaker } from "../waker.ts";

/** A row of the outbox. */
export interface OutboxRow extends OutgoingMessage {
  /** bigint, as text. */
  readonly seq: string;
}

/** Where a relay finds what is to be sent. */
export interface OutboxStore {
  /** @returns what is not published, of the shards that this relay holds, in the order of writing */
  unpublished(limit: number): Promise<readonly OutboxRow[]>;
  markPublished(rows: readonly OutboxRow[]): Promise<void>;
}

export interface RelayOptions {
  readonly store: OutboxStore;
  readonly broker: Pick<Broker, "publish">;
  readonly clock: Clock;
  /** How many messages are published together at most; 200 by default. */
  readonly batchSize?: number;
  /** How long it sleeps where nobody wakes it, in milliseconds; 1,000 by default. */
  readonly pollMs?: number;
  /** How long it waits for more while messages come in quick succession, in milliseconds; 0 by default. */
  readonly lingerMs?: number;
  readonly onPublished?: (rows: readonly OutboxRow[]) => void;
  /** Told of each failure; the relay goes on. */
  readonly onError?: (error: unknown) => void;
}

/** Publishes what stands in an outbox. */
export interface Relay {
  /**
   * Publishes one batch, then marks it. Cut off in between, the next one publishes it again under the same ids.
   *
   * @returns how many messages it published
   */
  step(): Promise<number>;
  /** Has it look at once. */
  wake(): void;
  /** Steps until the signal is aborted; sleeps where there is nothing, and backs off where a step fails. */
  run(signal: AbortSignal): Promise<void>;
}

const RETRY = { baseMs: 50, capMs: 2_000 };

/**
 * Makes a relay. It asks for all that is unpublished and remembers no position: a transaction that commits late has
 * a number lower than one that was read before, and a position would pass it over for ever.
 */
export function createRelay(options: RelayOptions): Relay {
  const { store, broker, clock, batchSize = 200, pollMs = 1_000, lingerMs = 0 } = options;
  const waker = createWaker(clock, lingerMs);

  async function step(): Promise<number> {
    const rows = await store.unpublished(batchSize);
    if (rows.length === 0) return 0;
    await broker.publish(rows);
    await store.markPublished(rows);
    options.onPublished?.(rows);
    return rows.length;
  }

  return {
    step,
    wake: waker.wake,
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        waker.clear();
        try {
          const published = await step();
          failures = 0;
          if (published < batchSize) await waker.wait(pollMs, signal);
        } catch (error) {
          if (signal.aborted) return;
          options.onError?.(error);
          await clock.sleep(backoff(++failures, RETRY, clock), signal);
        }
      }
    },
  };
}
