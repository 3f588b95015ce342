import { LogicalReplicationService, PgoutputPlugin, type Pgoutput } from "pg-logical-replication";
import { systemClock } from "../../clock.ts";
import { keepTrying } from "../../broker/keep-trying.ts";
import type { Envelope } from "../../message/envelope.ts";
import type { OutboxRow } from "../relay.ts";
import { formatLsn, parseLsn } from "./lsn.ts";
import { ensureSlot, PUBLICATION, slotName } from "./slot.ts";

/** A row of the outbox as the log has it. */
export interface StreamedRow extends OutboxRow {
  readonly shard: number;
}

export interface OutboxStreamOptions {
  readonly url: string;
  readonly signal: AbortSignal;
  /** Told that the stream begins, the first time and after each loss. */
  readonly onStart: () => void;
  /** Told what a transaction wrote, once it is committed, with the position behind it. */
  readonly onRows: (rows: readonly StreamedRow[], end: bigint) => void;
  /** Asked how far all is done; null where everything is that came. */
  readonly done: () => bigint | null;
  readonly onError: (error: Error) => void;
}

export interface OutboxStream {
  /** Tells the server how far all is done. */
  confirm(): void;
  /** Settles when the signal is aborted and the connection is closed. */
  readonly ended: Promise<void>;
}

const CLOSE_MS = 1_000;

/** Tails the write-ahead log for what is written into the outbox, from where it was last confirmed; again after each loss. */
export function openOutboxStream(options: OutboxStreamOptions): OutboxStream {
  const { url, signal, onStart, onRows, done, onError } = options;
  const slot = slotName(new URL(url).pathname.slice(1));
  let service: LogicalReplicationService | undefined;
  let received = 0n;
  let inTransaction = false;

  function confirm(): void {
    const position = done() ?? received;
    // The service adds one, and a commit that begins right there would be passed over.
    const behind = formatLsn(position > 0n ? position - 1n : 0n);
    void service?.acknowledge(behind).catch(onError);
  }

  async function stream(): Promise<void> {
    await ensureSlot(url, slot);
    const current = new LogicalReplicationService(
      { connectionString: url, application_name: "tributary-wal-relay" },
      // Not by itself: it would confirm what is received, and not what is done.
      { acknowledge: { auto: false, timeoutSeconds: 0 } },
    );
    let rows: StreamedRow[] = [];
    current.on("start", onStart);
    current.on("error", onError);
    current.on("data", (_: string, message: Pgoutput.Message) => {
      if (message.tag === "begin") {
        inTransaction = true;
        rows = [];
      } else if (message.tag === "insert") rows.push(readRow(message.new));
      else if (message.tag === "commit") {
        inTransaction = false;
        received = parseLsn(message.commitEndLsn ?? "0/0");
        onRows(rows, received);
      }
    });
    current.on("heartbeat", (lsn: string) => {
      // Other databases write too: a slot that never confirms that has the server keep its whole log.
      if (!inTransaction) received = parseLsn(lsn);
      confirm();
    });
    service = current;
    const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [PUBLICATION] });
    try {
      signal.throwIfAborted();
      await Promise.race([current.subscribe(plugin, slot), aborted(signal)]);
    } finally {
      service = undefined;
      inTransaction = false;
      // A server that is gone does not answer the farewell.
      const over = new AbortController();
      await Promise.race([current.destroy().catch(onError), systemClock.sleep(CLOSE_MS, over.signal)]);
      over.abort();
    }
    if (!signal.aborted) throw new Error("the stream of the write-ahead log ended");
  }

  return { confirm, ended: keepTrying(stream, signal, onError).catch(() => {}) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}

function readRow(columns: Record<string, unknown>): StreamedRow {
  const { seq, channel, shard, envelope } = columns;
  return {
    seq: String(seq),
    channel: String(channel),
    shard: Number(shard),
    envelope: envelope as Envelope,
  };
}
