import type { Clock, Transact } from "@tributary/messaging";
import type { Logger, OutageWatch } from "@tributary/subgraph-kit";
import type { OrderStore } from "../data/order-store.ts";
import { moveSaga } from "../data/saga-moves.ts";
import { OrderError } from "../domain/order-error.ts";
import { onDeadline } from "../domain/saga.ts";

/** How often overdue sagas are looked for, in milliseconds. */
const INTERVAL_MS = 1_000;
const MOST_AT_ONCE = 50;

/** Looks after the deadlines of sagas until it is stopped. */
export interface DeadlineWatch {
  /** Finishes what runs. Again is no fault. */
  stop(): Promise<void>;
}

export interface DeadlineOptions {
  /** How long the reply to a saga's first request is waited for, in milliseconds. */
  readonly patienceMs: number;
  readonly logger: Pick<Logger, "info" | "warn">;
  /** Told of failures that come of a lost database. */
  readonly outages: Pick<OutageWatch, "note">;
  readonly clock: Clock;
  /** Called after commits that wrote messages. */
  readonly notify: () => void;
}

/**
 * Watches for sagas past their deadline: what they wait for is asked for again, or the order is called off. Several
 * processes share the work, as each leaves out what another has locked.
 */
export function watchDeadlines(transact: Transact<OrderStore>, options: DeadlineOptions): DeadlineWatch {
  const { logger, outages, clock, notify } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function round(): Promise<number> {
    try {
      const count = await moveOverdue(transact, options);
      if (count > 0) notify();
      return count === MOST_AT_ONCE ? 0 : INTERVAL_MS;
    } catch (error) {
      if (!outages.note(error, 0)) {
        logger.warn({ err: error }, "overdue orders could not be looked after; trying again");
      }
      return INTERVAL_MS;
    }
  }

  const running = (async () => {
    await clock.sleep(INTERVAL_MS, signal);
    while (!signal.aborted) await clock.sleep(await round(), signal);
  })();

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** @returns how many orders it moved */
async function moveOverdue(
  transact: Transact<OrderStore>,
  { patienceMs, logger, clock }: DeadlineOptions,
): Promise<number> {
  return transact(async (store) => {
    const at = new Date(clock.now());
    const overdue = await store.lockOverdueOrders(at, MOST_AT_ONCE);
    let moved = 0;
    for (const locked of overdue) {
      const { step, attempts, orderId } = locked.saga;
      if (step === null) continue;
      logger.info({ orderId, step, attempts }, "no reply in time");
      try {
        const move = onDeadline(step, locked.order, attempts);
        await moveSaga(store, locked, { ...move, at, causationId: null, patienceMs, clock });
        moved += 1;
      } catch (error) {
        // It is refused before anything is written: the others need not wait for it.
        if (!(error instanceof OrderError) || error.code !== "ILLEGAL_TRANSITION") throw error;
        logger.warn({ orderId, step, err: error }, "an overdue order cannot go on: see npm run reconcile");
      }
    }
    return moved;
  });
}
