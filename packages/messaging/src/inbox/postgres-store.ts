import type pg from "pg";
import sql from "sql-template-tag";
import { inTransaction, type SqlTransaction } from "../postgres/transaction.ts";
import { isUnavailable } from "../postgres/unavailable.ts";
import type { ConsumerStore, DeadLetter } from "./store.ts";

/** The channel of PostgreSQL's NOTIFY that tells of dead letters that are to be handled again. */
export const REDRIVE_NOTICE = "tributary_redrive";

/** How long notes of received messages are kept: a week, far beyond what a broker may still hand over. */
export const INBOX_MS = 7 * 86_400_000;

/** Makes the store of consumers from a context's own database. */
export function createPostgresConsumerStore(pool: pg.Pool): ConsumerStore<SqlTransaction> {
  return {
    transaction: (effect) => inTransaction(pool, effect),
    async claim(transaction, consumer, ids) {
      // In the order of their ids: two transactions that note the same messages wait for each other, and never both.
      const sorted = [...new Set(ids)].sort();
      const rows = await transaction.query<{ message_id: string }>(
        sql`INSERT INTO inbox_messages (consumer, message_id) SELECT ${consumer}, unnest(${sorted}::uuid[]) ON CONFLICT DO NOTHING RETURNING message_id`,
      );
      return new Set(rows.map(({ message_id: id }) => id));
    },
    async bury({ consumer, messageId, channel, envelope, error, attempts }) {
      await inTransaction(pool, (transaction) =>
        transaction.query(
          sql`INSERT INTO dead_letters (consumer, message_id, channel, envelope, error, attempts) VALUES (${consumer}, ${messageId}, ${channel}, ${storableJson(envelope)}::jsonb, ${error.replaceAll("\0", "\u{fffd}")}, ${attempts}) ON CONFLICT (consumer, message_id) DO UPDATE SET error = excluded.error, attempts = excluded.attempts, failed_at = clock_timestamp(), redrive_requested_at = NULL`,
        ),
      );
    },
    async unbury(transaction, { consumer, messageId }) {
      await transaction.query(
        sql`DELETE FROM dead_letters WHERE consumer = ${consumer} AND message_id = ${messageId}`,
      );
    },
    isAway: isUnavailable,
  };
}

/** JSON that PostgreSQL takes: it has no NUL, and no half of a surrogate pair. */
function storableJson(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replaceAll(/\\u(0000|d[89a-f][0-9a-f]{2})/g, "\\ufffd");
}

/** Reads the dead letters of a consumer that are to be handled again, the oldest first. */
export async function requestedRedrives(
  pool: pg.Pool,
  consumer: string,
  limit: number,
): Promise<DeadLetter[]> {
  const { rows } = await pool.query<DeadLetter>(
    'SELECT consumer, message_id AS "messageId", channel, envelope, error, attempts FROM dead_letters WHERE consumer = $1 AND redrive_requested_at IS NOT NULL ORDER BY redrive_requested_at, message_id LIMIT $2',
    [consumer, limit],
  );
  return rows;
}

// Ids are made in the order of time, so the first ones by id are the oldest; they are looked at alone, and once: as a
// condition of rows, they may be looked for again for each.
const CLEAN = `
  DELETE FROM inbox_messages WHERE consumer = $1 AND message_id = ANY (ARRAY (
    SELECT message_id FROM (
      SELECT message_id, received_at FROM inbox_messages WHERE consumer = $1 ORDER BY message_id LIMIT $3
    ) AS oldest WHERE received_at < clock_timestamp() - $2 * interval '1 ms'
  ))`;

/**
 * Deletes a consumer's notes of messages that were received some time ago. No broker may hand over a message later.
 *
 * @param options.limit how many rows are looked at
 * @returns how many it deleted
 */
export async function cleanInbox(
  pool: pg.Pool,
  options: { consumer: string; olderThanMs: number; limit: number },
): Promise<number> {
  const { consumer, olderThanMs, limit } = options;
  return (await pool.query(CLEAN, [consumer, olderThanMs, limit])).rowCount ?? 0;
}
