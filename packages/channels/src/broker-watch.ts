import type { Broker } from "@tributary/messaging";
import type { Logger } from "@tributary/subgraph-kit";

/** Sees when the broker is lost and when it is back, and logs a line for either. */
export interface BrokerWatch {
  /** Notes an error of the broker. */
  note(error: unknown): void;
  stop(): void;
}

const EVERY_MS = 1_000;

/** Creates a watch. It asks the broker while that is lost and at no other time, and keeps no process alive. */
export function createBrokerWatch(broker: () => Pick<Broker, "lag">, logger: Logger): BrokerWatch {
  const stopping = new AbortController();
  const { signal } = stopping;
  let began: number | null = null;

  const schedule = (): void => {
    if (!signal.aborted) setTimeout(() => void look(), EVERY_MS).unref();
  };

  async function look(): Promise<void> {
    try {
      await broker().lag();
    } catch {
      return schedule(); // it is still away, which the first line said
    }
    if (began === null || signal.aborted) return;
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    began = null;
    logger.warn({ seconds }, "the broker can be used again");
  }

  return {
    note(error) {
      if (began !== null || signal.aborted) return;
      began = performance.now();
      const detail = error instanceof Error ? error.message : String(error);
      logger.error({ detail }, "the broker cannot be used: messages wait until it can be used again");
      schedule();
    },
    stop: () => stopping.abort(),
  };
}
