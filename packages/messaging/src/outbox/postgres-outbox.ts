import type pg from "pg";
import type { Envelope } from "../message/envelope.ts";
import { statementName } from "../postgres/statement-name.ts";
import { asStoreError } from "../postgres/unavailable.ts";
import { OUTBOX_NOTICE } from "./outbox.ts";
import type { OutboxRow, OutboxStore } from "./relay.ts";

const UNPUBLISHED =
  "SELECT seq, channel, envelope FROM outbox_messages WHERE published_at IS NULL AND shard = ANY($1::smallint[]) ORDER BY seq LIMIT $2";
const MARK = "UPDATE outbox_messages SET published_at = clock_timestamp() WHERE seq = ANY($1::bigint[])";
// The oldest rows are looked at alone and once, so that a round costs the same however many are kept.
const CLEAN = `
  DELETE FROM outbox_messages WHERE seq = ANY (ARRAY (
    SELECT seq FROM (SELECT seq, published_at FROM outbox_messages ORDER BY seq LIMIT $2) AS oldest
    WHERE published_at < clock_timestamp() - $1 * interval '1 ms'
  ))`;

/**
 * Makes the store of a relay from a context's own database.
 *
 * @param shards gives those that the relay holds at the moment
 */
export function createPostgresOutbox(pool: pg.Pool, shards: () => readonly number[]): OutboxStore {
  return {
    async unpublished(limit) {
      const held = shards();
      return held.length === 0
        ? []
        : run<{ seq: string; channel: string; envelope: Envelope }>(pool, UNPUBLISHED, [held, limit]);
    },
    async markPublished(rows: readonly OutboxRow[]) {
      await run(pool, MARK, [rows.map(({ seq }) => seq)]);
    },
  };
}

/**
 * Deletes messages that were published some time ago, the oldest first.
 *
 * @param limit how many rows are looked at
 * @returns how many it deleted
 */
export async function cleanOutbox(pool: pg.Pool, olderThanMs: number, limit: number): Promise<number> {
  return (await pool.query(CLEAN, [olderThanMs, limit])).rowCount ?? 0;
}

/** Wakes the relays of a database, in whichever process they are. Call it after the commit: within, it makes commits queue. */
export async function notifyRelays(pool: pg.Pool): Promise<void> {
  await run(pool, `SELECT pg_notify('${OUTBOX_NOTICE}', '')`, []);
}

async function run<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  try {
    const name = statementName(text);
    return (await pool.query<Row>({ ...(name && { name }), text, values })).rows;
  } catch (error) {
    throw asStoreError(error);
  }
}
