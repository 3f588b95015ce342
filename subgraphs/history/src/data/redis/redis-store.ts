import type { SnapshotPage } from "@tributary/channels";
import { INBOX_MS } from "@tributary/messaging";
import { StoreFaultError } from "@tributary/subgraph-kit";
import { v7 as uuidv7 } from "uuid";
import type { HistoryChange } from "../../domain/history-change.ts";
import {
  NoLiveGenerationError,
  type HistoryRead,
  type HistoryStore,
  type HistoryTransaction,
  type Source,
} from "../history-store.ts";
import type { RedisClient } from "./client.ts";
import { createRedisDeadLetters } from "./dead-letters.ts";
import { createRedisGenerations } from "./generations.ts";
import { entriesById, memberOf, PREFIX, rowsOf, toEntry, toHead } from "./rows.ts";
import { COMMIT, READ, READ_BY_ID } from "./scripts.ts";

/** What one message does, as the script takes it. */
interface Effects {
  readonly note: string;
  readonly changes: object[];
  readonly pages: object[];
  readonly again: object[];
  unbury?: { readonly consumer: string; readonly messageId: string };
}

/** A transaction is written down, and done as one script at its end. */
class RedisTransaction implements HistoryTransaction {
  readonly byMessage = new Map<string, Effects>();

  apply(messageId: string, changes: readonly HistoryChange[]): void {
    this.#of(messageId).changes.push(...changes.map(changeOf));
  }

  turnPage(messageId: string, page: SnapshotPage, changes: readonly HistoryChange[]): void {
    const { source, snapshotId, after, next, items } = page;
    const place = { after: after ?? "", next: next ?? "", count: items.length };
    this.#of(messageId).pages.push({ source, snapshotId, ...place, changes: changes.map(changeOf) });
  }

  readAgain(messageId: string, source: Source): void {
    this.#of(messageId).again.push({ source, snapshotId: uuidv7() });
  }

  note(consumer: string, messageId: string): void {
    const note = `inbox:${consumer}:${messageId}`;
    this.byMessage.set(messageId, { note, changes: [], pages: [], again: [] });
  }

  #of(messageId: string): Effects {
    const effects = this.byMessage.get(messageId);
    if (!effects) throw new Error(`message ${messageId} was not claimed in this transaction`);
    return effects;
  }
}

/** Makes the store of a Redis server. */
export function createRedisStore(
  redis: RedisClient,
  { ping, close }: Pick<HistoryStore, "ping" | "close">,
): HistoryStore {
  return {
    ...createRedisGenerations(redis),
    ...createRedisDeadLetters(redis),
    ping,
    close,
    isAway: (error) => error instanceof StoreFaultError,
    async transaction(effect) {
      const transaction = new RedisTransaction();
      const result = await effect(transaction);
      const messages = [...transaction.byMessage.values()];
      if (messages.length > 0) await redis.run(COMMIT, PREFIX, INBOX_MS / 1_000, JSON.stringify(messages));
      return result;
    },
    async claim(transaction, consumer, ids) {
      const notes = ids.map((id) => `${PREFIX}inbox:${consumer}:${id}`);
      const known = (await redis.call("MGET", ...notes)) as readonly (string | null)[];
      const fresh = ids.filter((_, index) => known[index] === null);
      for (const id of fresh) (transaction as RedisTransaction).note(consumer, id);
      return new Set(fresh);
    },
    async unbury(transaction, { consumer, messageId }) {
      const own = transaction as RedisTransaction;
      const effects = own.byMessage.get(messageId);
      if (effects) effects.unbury = { consumer, messageId };
      // Its effects are there: the letter alone goes.
      else await redis.call("HDEL", `${PREFIX}dead:${consumer}`, messageId);
    },
    // Notes go by themselves.
    cleanInbox: async () => 0,

    async read(customerIds, { first, after }) {
      if (customerIds.length === 0) return new Map();
      const reply = await redis.run(READ, PREFIX, first, after ? memberOf(after) : "", ...customerIds);
      if (reply === null) throw new NoLiveGenerationError();
      const found = new Map<string, HistoryRead>();
      for (const [id, head, entries] of reply as [string, string[], [string, string[]][]][]) {
        if (head.length === 0) continue;
        found.set(id, {
          head: toHead(id, rowsOf(head)),
          entries: entries.map(([entryId, entry]) => toEntry(entryId, rowsOf(entry))),
        });
      }
      return found;
    },
    async entries(ids) {
      if (ids.length === 0) return new Map();
      const reply = await redis.run(READ_BY_ID, PREFIX, "", "entry", ...ids);
      if (reply === null) throw new NoLiveGenerationError();
      return new Map(entriesById(reply).map((entry) => [entry.id, entry]));
    },
  };
}

/** A change as the script takes it: what it must not read as a number is text. */
function changeOf(change: HistoryChange): object {
  const { value, listedAt, counts, held } = change;
  return {
    ...change,
    value: JSON.stringify(value),
    listedAt: listedAt === null ? null : String(Date.parse(listedAt)).padStart(15, "0"),
    counts: counts === null ? null : { orders: "orderCount", payments: "paymentCount" }[counts],
    held: held === null ? null : `${held.currency}:${held.amountMinor}`,
  };
}
