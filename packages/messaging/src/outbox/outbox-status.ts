import type pg from "pg";

/** What stands in an outbox. */
export interface OutboxStatus {
  /** Messages that are not published. */
  readonly waiting: number;
  /** How long the oldest of them has waited, in seconds; 0 where none does. */
  readonly oldestSeconds: number;
}

/** Reads how much of an outbox waits to be published. */
export async function outboxStatus(pool: pg.Pool): Promise<OutboxStatus> {
  const { rows } = await pool.query<OutboxStatus>(
    'SELECT count(*)::int AS waiting, greatest(coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0), 0)::float8 AS "oldestSeconds" FROM outbox_messages WHERE published_at IS NULL',
  );
  return rows[0] ?? { waiting: 0, oldestSeconds: 0 };
}
