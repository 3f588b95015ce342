import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../server/logger.ts";
import { databaseFaultIn } from "./database-fault.ts";

/** Sees when the database is lost and when it is back, and logs a line for either. */
export interface OutageWatch {
  /**
   * Notes an error that may come of a lost database.
   *
   * @param failed how many fields of answers it cost: 1 by default
   * @returns whether it does; then nothing more of it needs to be logged
   */
  note(error: unknown, failed?: number): boolean;
  /** Notes that a connection broke which nobody was using: the database is asked whether it is still there. */
  suspect(error: Error): void;
  stop(): void;
}

export interface OutageWatchOptions {
  readonly logger: Logger;
  /** Asks the database something small; rejects where it does not answer. */
  readonly ping: () => Promise<unknown>;
  /** How often a lost database is asked, in milliseconds. */
  readonly everyMs?: number;
  /** How long a fault that a ping says nothing of must not have come again, in milliseconds. */
  readonly quietMs?: number;
}

const SETTLE_MS = 100;

interface Outage {
  readonly began: number;
  failed: number;
  /** When it may be over at the earliest, however well a ping goes. */
  notBefore: number;
}

/**
 * Makes a watch. It asks the database while that is lost and at no other time, and keeps no process alive.
 *
 * An outage ends when a ping is answered; one that a ping says nothing of, such as a full disk, when its fault has not
 * come again for a while.
 */
export function createOutageWatch(options: OutageWatchOptions): OutageWatch {
  const { logger, ping, everyMs = 1_000, quietMs = 30_000 } = options;
  let outage: Outage | null = null;
  let timer: NodeJS.Timeout | undefined;
  let broken: { connections: number; detail: string } | null = null;
  let stopped = false;

  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => void look(), everyMs);
    timer.unref();
  };

  const look = async (): Promise<void> => {
    const asked = performance.now();
    try {
      await ping();
    } catch (error) {
      note(error, 0);
      return schedule();
    }
    if (outage === null || stopped) return;
    if (asked < outage.notBefore) return schedule();
    const { began, failed } = outage;
    outage = null;
    logger.warn(
      { failed, seconds: Math.round((performance.now() - began) / 100) / 10 },
      "the database can be used again",
    );
  };

  const note = (error: unknown, failed = 1): boolean => {
    const fault = databaseFaultIn(error);
    if (fault === null) return false;
    const now = performance.now();
    if (outage === null) {
      outage = { began: now, failed: 0, notBefore: now };
      logger.error(
        { reason: fault.reason, detail: fault.detail },
        `the database ${fault.reason}: what needs it fails with DATABASE_UNAVAILABLE until it can be used again`,
      );
      schedule();
    }
    outage.failed += failed;
    outage.notBefore = Math.max(outage.notBefore, fault.endsWithPing ? now : now + quietMs);
    return true;
  };

  const lookAfterBroken = async (): Promise<void> => {
    // Those that broke with it are noticed one after the other, and a ping must not get one of them.
    await sleep(SETTLE_MS, undefined, { ref: false });
    try {
      await ping();
      if (broken !== null && outage === null)
        logger.warn(broken, "idle connections broke; the database answers");
    } catch (error) {
      if (!stopped && !note(error, 0)) logger.error({ err: error }, "the database answers with an error");
    } finally {
      broken = null;
    }
  };

  return {
    note,
    suspect(error) {
      if (broken !== null) broken.connections++;
      else if (outage === null && !stopped) {
        broken = { connections: 1, detail: error.message };
        void lookAfterBroken();
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
