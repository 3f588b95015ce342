import type pg from "pg";
import { createPostgresOutbox } from "../postgres-outbox.ts";
import type { OutboxRow, OutboxStore } from "../relay.ts";
import { openOutboxStream, type StreamedRow } from "./outbox-stream.ts";

export interface WalOutboxOptions {
  /** The context's database. */
  readonly pool: pg.Pool;
  /** Its connection URL for replication: of a role with REPLICATION that owns the outbox, or is a superuser. */
  readonly url: string;
  /** Gives the shards that the relay holds at the moment. */
  readonly shards: () => readonly number[];
  /** Told that there is something. */
  readonly onRows: () => void;
  readonly onError: (error: Error) => void;
}

/** The store of a relay that is told what was written by the write-ahead log. */
export interface WalOutbox extends OutboxStore {
  /** Opens the stream where the relay holds shards, and closes it where it holds none. */
  follow(): Promise<void>;
  stop(): Promise<void>;
}

/** How often the outbox itself is looked at: for what no stream has told. */
const SWEEP_MS = 10_000;
/** How many rows are kept in memory while the broker is away; the outbox has them all. */
const MOST_ROWS = 20_000;
/** How many numbers of published rows are remembered: what a stream tells again after a loss is not sent again. */
const MOST_REMEMBERED = 50_000;

/**
 * Makes the store. The stream spares the asking; the outbox stays the truth. It is swept when a stream begins, as a slot that
 * is new tells nothing of what was before, and now and then: a slot that is lost loses no message.
 */
export function createWalOutbox({ pool, url, shards, onRows, onError }: WalOutboxOptions): WalOutbox {
  const table = createPostgresOutbox(pool, shards);
  const waiting = new Map<string, StreamedRow>();
  /** Transactions whose rows are not all published, in the order of the log. */
  const transactions: { end: bigint; start: bigint; left: Set<string> }[] = [];
  const published = new Set<string>();
  let sweeping = true;
  let sweptAt = -Infinity;
  let before = 0n;
  let following: { stop: AbortController; stream: ReturnType<typeof openOutboxStream> } | undefined;

  function forget(): void {
    waiting.clear();
    transactions.length = 0;
    sweeping = true;
  }

  function take(rows: readonly StreamedRow[], end: bigint): void {
    const fresh = rows.filter(({ seq, shard }) => !published.has(seq) && shards().includes(shard));
    if (waiting.size + fresh.length > MOST_ROWS) return forget();
    for (const row of fresh) waiting.set(row.seq, row);
    if (fresh.length > 0) {
      transactions.push({ start: before, end, left: new Set(fresh.map(({ seq }) => seq)) });
      onRows();
    } else if (rows.length > 0) following?.stream.confirm();
    before = end;
  }

  async function sweep(limit: number): Promise<readonly OutboxRow[]> {
    const rows = await table.unpublished(limit);
    if (rows.length < limit) {
      sweeping = false;
      sweptAt = performance.now();
    }
    return rows;
  }

  return {
    async unpublished(limit) {
      if (shards().length === 0) return [];
      if (sweeping || (waiting.size === 0 && performance.now() - sweptAt >= SWEEP_MS)) {
        const rows = await sweep(limit);
        if (rows.length > 0) return rows;
      }
      const rows: OutboxRow[] = [];
      for (const row of waiting.values()) {
        if (rows.length === limit) break;
        rows.push(row);
      }
      return rows;
    },
    async markPublished(rows) {
      await table.markPublished(rows);
      for (const { seq } of rows) {
        waiting.delete(seq);
        published.add(seq);
        for (const { left } of transactions) if (left.delete(seq)) break;
      }
      for (const seq of published) {
        if (published.size <= MOST_REMEMBERED) break;
        published.delete(seq);
      }
      while (transactions[0]?.left.size === 0) transactions.shift();
      following?.stream.confirm();
    },
    async follow() {
      if (shards().length > 0 && !following) {
        const stop = new AbortController();
        const stream = openOutboxStream({
          url,
          signal: stop.signal,
          onStart: () => {
            forget();
            onRows();
          },
          onRows: take,
          done: () => transactions[0]?.start ?? null,
          onError,
        });
        following = { stop, stream };
      } else if (shards().length === 0 && following) await this.stop();
    },
    async stop() {
      following?.stop.abort();
      await following?.stream.ended;
      following = undefined;
      forget();
    },
  };
}
