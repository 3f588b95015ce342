import { setTimeout as sleep } from "node:timers/promises";
import { createEnvelope, type OutgoingMessage } from "@tributary/messaging";
import type { Logger, OutageWatch } from "@tributary/subgraph-kit";
import { SOURCES, type Generation, type HistoryStore, type SourceProgress } from "../data/history-store.ts";
import type { Watermark } from "./watermark.ts";

export interface FillerOptions {
  readonly store: HistoryStore;
  readonly watermark: Pick<Watermark, "whole">;
  readonly logger: Logger;
  readonly outages: Pick<OutageWatch, "note">;
  /** How often progress is looked at where nobody wakes it, in milliseconds; 1,000 by default. */
  readonly everyMs?: number;
  /** How long a page is waited for before it is asked for again, in milliseconds; 10,000 by default. */
  readonly patienceMs?: number;
}

type Publish = (messages: readonly OutgoingMessage[]) => Promise<void>;

/** Fills generations of the view from the contexts' pages, while the process runs. */
export interface Filler {
  /** Begins. @param publish rejects while the broker is away */
  start(publish: Publish): void;
  /** Looks at once whether another page is to be asked for. */
  wake(): void;
  stop(): Promise<void>;
}

const SWEPT_AT_ONCE = 1_000;
const TOLD_EVERY_MS = 5_000;

/**
 * Creates what fills: it asks for the next page of each source that is not read to its end, swaps in what is whole, begins a first
 * generation where there is none, and deletes old ones. All that it knows is in the store: several processes do the same
 * side by side, and one that is killed is missed by nobody.
 */
export function createFiller(options: FillerOptions): Filler {
  const { store, watermark, logger, outages, everyMs = 1_000, patienceMs = 10_000 } = options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((done) =>
    stopping.signal.addEventListener("abort", () => done(), { once: true }),
  );
  let alarm = new AbortController();
  let woken = false;
  let running: Promise<void> | undefined;
  /** By reading and source: which page was asked for, and when. */
  const asked = new Map<string, { readonly after: string | null; readonly at: number }>();
  let toldAt = performance.now();

  async function ask(sources: readonly SourceProgress[], publish: Publish): Promise<void> {
    const now = performance.now();
    const due = sources.filter(({ snapshotId, source, after, isDone }) => {
      const last = asked.get(`${snapshotId} ${source}`);
      return !isDone && (last?.after !== after || now - last.at >= patienceMs);
    });
    if (due.length === 0) return;
    // Before they are sent: a page may be answered sooner than this goes on.
    for (const { snapshotId, source, after } of due) asked.set(`${snapshotId} ${source}`, { after, at: now });
    // A broker that is away may keep this waiting, which whoever stops does not.
    await Promise.race([publish(due.map(requestOf)), stopped]);
  }

  function tell({ id, sources }: Generation): void {
    if (performance.now() - toldAt < TOLD_EVERY_MS) return;
    toldAt = performance.now();
    const read = Object.fromEntries(sources.map(({ source, items }) => [source, items]));
    logger.info({ generation: id, ...read }, "the view is being filled");
  }

  async function look(publish: Publish): Promise<void> {
    const generations = await store.generations();
    const live = generations.find(({ status }) => status === "LIVE");
    watermark.whole(live?.sources.every(({ isDone }) => isDone) ?? false);
    if (!live && !generations.some(({ purpose }) => purpose === "SERVE")) {
      logger.info(
        { generation: await store.begin("SERVE") },
        "there is no view: it is filled for the first time",
      );
      return wake();
    }
    for (const generation of generations) {
      const { id, status, purpose, sources } = generation;
      if (sources.some(({ isDone }) => !isDone)) tell(generation);
      else if (status === "BUILDING" && (await store.finish(id))) {
        logger.info(
          { generation: id, purpose },
          purpose === "SERVE" ? "the view is live" : "a view is there to compare",
        );
        wake();
      }
    }
    const readings = new Set(generations.flatMap(({ sources }) => sources.map(keyOf)));
    for (const key of asked.keys()) if (!readings.has(key)) asked.delete(key);
    await ask(
      generations.flatMap(({ sources }) => sources),
      publish,
    );
    if ((await store.sweep(SWEPT_AT_ONCE)) > 0) wake();
  }

  function wake(): void {
    woken = true;
    alarm.abort();
  }

  async function run(publish: Publish): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      alarm = new AbortController();
      try {
        await look(publish);
      } catch (error) {
        if (!outages.note(error, 0))
          logger.warn({ err: error }, "the view cannot be filled now; trying again");
        woken = false;
        alarm = new AbortController();
      }
      if (!woken && !stopping.signal.aborted)
        await sleep(everyMs, undefined, { signal: AbortSignal.any([alarm.signal, stopping.signal]) }).catch(
          () => {},
        );
    }
  }

  return {
    start(publish) {
      running = run(publish);
    },
    wake,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const keyOf = ({ snapshotId, source }: SourceProgress): string => `${snapshotId} ${source}`;

function requestOf({ snapshotId, source, after }: SourceProgress): OutgoingMessage {
  const envelope = createEnvelope({
    type: "RequestSnapshot",
    aggregateType: "snapshot",
    aggregateId: snapshotId,
    aggregateVersion: 0,
    correlationId: snapshotId,
    data: { snapshotId, source, after },
  });
  return { channel: `${SOURCES[source]}.commands`, envelope };
}
