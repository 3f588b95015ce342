import {
  cleanInbox,
  countDeadLetters,
  createPostgresConsumerStore,
  INBOX_MS,
  inTransaction,
  keepStatistics,
  listDeadLetters,
  requestedRedrives,
  requestRedrive,
  sqlOfPg,
  type SqlTransaction,
} from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { Pool } from "pg";
import type { HistoryChange, HistoryEntry } from "../../domain/history-change.ts";
import {
  NoLiveGenerationError,
  type HistoryRead,
  type HistoryStore,
  type HistoryTransaction,
} from "../history-store.ts";
import { applyChanges } from "./apply-changes.ts";
import { createPostgresGenerations, readAgain, turnPage } from "./generations.ts";
import { ENTRY_COLUMNS, toEntry, toHead, type EntryRow, type HeadRow } from "./rows.ts";

type Effect = (transaction: SqlTransaction) => Promise<void>;

/** A transaction's handlers say what is to be done; it is done at its end, changes in one statement and one order. */
type PostgresTransaction = HistoryTransaction & { readonly sql: SqlTransaction };

/** Makes the store of a PostgreSQL database that has the history context's tables. */
export function createPostgresStore(
  pool: Pool,
  { ping, close }: Pick<HistoryStore, "ping" | "close">,
): HistoryStore {
  const consumer = createPostgresConsumerStore(pool);
  const generations = createPostgresGenerations(pool);
  const { query } = sqlOfPg(pool);
  // A view is filled from nothing, and would be by plans that were made for nothing.
  const statistics = keepStatistics({
    run: (text) => pool.query(text),
    tables: [
      "customer_heads (generation, customer_id)",
      "entries (generation, id, customer_id, listed_at)",
      "inbox_messages (consumer, message_id)",
    ],
    // Whoever needs the database is told.
    onError() {},
  });

  return {
    ...generations,
    ping,
    close,
    isAway: consumer.isAway,
    async transaction(effect) {
      let changed = 0;
      const result = await inTransaction(pool, async (transaction) => {
        changed = 0;
        const changes: HistoryChange[] = [];
        const effects: Effect[] = [];
        const own: PostgresTransaction = {
          sql: transaction,
          apply: (_messageId, more) => void changes.push(...more),
          turnPage(_messageId, page, more) {
            changed += more.length;
            effects.push((sqlTransaction) => turnPage(sqlTransaction, page, more));
          },
          readAgain: (_messageId, source) =>
            void effects.push((sqlTransaction) => readAgain(sqlTransaction, source)),
        };
        const returned = await effect(own);
        changed += changes.length;
        if (changes.length > 0) await applyChanges(transaction, changes, null);
        for (const each of effects) await each(transaction);
        return returned;
      });
      statistics.note(changed, false);
      return result;
    },
    claim: (transaction, name, ids) => consumer.claim((transaction as PostgresTransaction).sql, name, ids),
    bury: (letter) => consumer.bury(letter),
    unbury: (transaction, letter) => consumer.unbury((transaction as PostgresTransaction).sql, letter),
    requestedRedrives: (name, limit) => requestedRedrives(pool, name, limit),
    listDeadLetters: (filter, limit) => listDeadLetters(pool, filter, limit),
    countDeadLetters: () => countDeadLetters(pool),
    requestRedrive: (filter) => inTransaction(pool, (transaction) => requestRedrive(transaction, filter)),
    cleanInbox: (name, limit) => cleanInbox(pool, { consumer: name, olderThanMs: INBOX_MS, limit }),

    async read(customerIds, { first, after }) {
      const behind = after
        ? sql`AND (listed_at, id) < (${after.listedAt.toISOString()}::timestamptz, ${after.id}::uuid)`
        : sql``;
      const rows = await query<HeadRow & { readonly entries: EntryRow[] | null }>(
        sql`SELECT asked.id AS customer_id, customer, version, held, entry_count, order_count, payment_count, changed_at, page.entries
          FROM generations CROSS JOIN unnest(${[...customerIds]}::uuid[]) AS asked(id)
          LEFT JOIN customer_heads ON generation = generations.id AND customer_id = asked.id
          LEFT JOIN LATERAL (
            SELECT json_agg(entry) AS entries FROM (
              SELECT ${ENTRY_COLUMNS} FROM entries
              WHERE generation = generations.id AND customer_id = asked.id AND listed_at IS NOT NULL ${behind}
              ORDER BY entries.listed_at DESC, entries.id DESC LIMIT ${first}
            ) AS entry
          ) AS page ON true WHERE status = 'LIVE'`,
      );
      if (rows.length === 0 && customerIds.length > 0) throw new NoLiveGenerationError();
      const found = new Map<string, HistoryRead>();
      for (const row of rows) {
        if (row.changed_at === null) continue;
        found.set(row.customer_id, { head: toHead(row), entries: (row.entries ?? []).map(toEntry) });
      }
      return found;
    },
    async entries(ids) {
      const rows = await query<EntryRow>(
        sql`SELECT ${ENTRY_COLUMNS} FROM generations LEFT JOIN entries ON generation = generations.id AND entries.id = ANY(${[...ids]}::uuid[]) WHERE status = 'LIVE'`,
      );
      if (rows.length === 0) throw new NoLiveGenerationError();
      return new Map(
        rows.flatMap((row): [string, HistoryEntry][] => (row.id === null ? [] : [[row.id, toEntry(row)]])),
      );
    },
  };
}
