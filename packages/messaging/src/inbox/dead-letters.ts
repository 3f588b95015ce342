import type pg from "pg";
import sql from "sql-template-tag";
import type { SqlTransaction } from "../postgres/transaction.ts";
import { REDRIVE_NOTICE } from "./postgres-store.ts";
import type { DeadLetter } from "./store.ts";

/** A dead letter as it is kept. */
export interface StoredDeadLetter extends DeadLetter {
  readonly failedAt: Date;
  /** When it was asked for to be handled again; null where it was not since it last failed. */
  readonly redriveRequestedAt: Date | null;
}

/** Which dead letters are meant: all, those of a consumer, or those with certain ids. */
export interface DeadLetterFilter {
  readonly consumer?: string;
  readonly messageIds?: readonly string[];
}

const COLUMNS = `consumer, message_id AS "messageId", channel, envelope, error, attempts, failed_at AS "failedAt", redrive_requested_at AS "redriveRequestedAt"`;
const MEANT = "($1::text IS NULL OR consumer = $1) AND ($2::uuid[] IS NULL OR message_id = ANY($2))";
const valuesOf = ({ consumer, messageIds }: DeadLetterFilter) => [consumer ?? null, messageIds ?? null];

/** Reads dead letters, the oldest first. */
export async function listDeadLetters(
  pool: pg.Pool,
  filter: DeadLetterFilter,
  limit: number,
): Promise<StoredDeadLetter[]> {
  const { rows } = await pool.query<StoredDeadLetter>(
    `SELECT ${COLUMNS} FROM dead_letters WHERE ${MEANT} ORDER BY failed_at, message_id LIMIT $3`,
    [...valuesOf(filter), limit],
  );
  return rows;
}

/** Counts dead letters by consumer. */
export async function countDeadLetters(pool: pg.Pool): Promise<{ consumer: string; count: number }[]> {
  const { rows } = await pool.query<{ consumer: string; count: number }>(
    "SELECT consumer, count(*)::int AS count FROM dead_letters GROUP BY consumer ORDER BY consumer",
  );
  return rows;
}

/**
 * Asks for dead letters to be handled again, under their own ids, by the processes of their consumers: those that run do
 * so at once, others when they start.
 *
 * @param transaction of the database that keeps them
 * @returns the ids of those that are meant
 */
export async function requestRedrive(
  transaction: SqlTransaction,
  { consumer, messageIds }: DeadLetterFilter,
): Promise<string[]> {
  const rows = await transaction.query<{ id: string }>(
    sql`UPDATE dead_letters SET redrive_requested_at = clock_timestamp() WHERE (${consumer ?? null}::text IS NULL OR consumer = ${consumer ?? null}) AND (${messageIds ?? null}::uuid[] IS NULL OR message_id = ANY(${messageIds ?? null}::uuid[])) RETURNING message_id AS id`,
  );
  if (rows.length > 0) await transaction.query(sql`SELECT pg_notify(${REDRIVE_NOTICE}, '')`);
  return rows.map(({ id }) => id);
}
