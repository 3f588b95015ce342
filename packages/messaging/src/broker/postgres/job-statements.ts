import type { OutgoingMessage } from "../broker.ts";
import type { BossDatabase } from "./boss-database.ts";

/*
 * What is done for each message, on pg-boss' own table: its functions take one queue at a time, and a process would send
 * three times as many statements. Everything else (tables, deadlines, attempts that failed, counts) is pg-boss'.
 */

/** A message that was handed over, with the attempt: one that has lapsed settles nothing. */
export interface Job {
  readonly queue: string;
  readonly id: string;
  readonly body: unknown;
  readonly retryCount: number;
}

/** pg-boss' table, with the columns that statements look for. */
export const JOBS =
  "pgboss.job_common (name, id, state, singleton_key, policy, blocked, start_after, created_on)";

/** The channel of PostgreSQL's NOTIFY that tells a consumer of new messages: none but its own processes are woken. */
export function noticeOf(consumer: string): string {
  return `tributary_${consumer}`;
}

/**
 * A job that is there already, as a relay stored it and could not mark it, is left as it is. A queue's settings are copied
 * into each of its jobs, as pg-boss does.
 */
const STORE = `
  WITH stored AS (
    INSERT INTO pgboss.job_common (id, name, data, singleton_key, policy, retry_limit, retry_delay, retry_backoff, expire_seconds, deletion_seconds, keep_until, heartbeat_seconds)
    SELECT message.id, queue.name, message.data, message.key, queue.policy, queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.expire_seconds, queue.deletion_seconds, now() + queue.retention_seconds * interval '1 s', queue.heartbeat_seconds
    FROM json_to_recordset($1::json) AS message (id uuid, key text, queues text[], data jsonb)
    JOIN pgboss.queue ON queue.name = ANY (message.queues)
    ON CONFLICT DO NOTHING RETURNING name
  )
  SELECT count(pg_notify('tributary_' || consumer, '')) FROM (SELECT DISTINCT split_part(name, '/', 2) AS consumer FROM stored) AS consumers`;

/** Of each key the oldest one, where none is under way: what pg-boss hands over of a queue of the policy key_strict_fifo. */
const FETCH = `
  WITH heads AS MATERIALIZED (
    SELECT DISTINCT ON (name, singleton_key) name, id FROM pgboss.job_common
    WHERE name = ANY ($1::text[]) AND state < 'active' AND NOT blocked AND policy = 'key_strict_fifo' AND start_after <= now()
    ORDER BY name, singleton_key, state DESC, created_on, id
  ), next AS (
    SELECT job.name, job.id FROM pgboss.job_common AS job JOIN heads ON heads.name = job.name AND heads.id = job.id
    WHERE job.state < 'active' AND NOT EXISTS (
      SELECT FROM pgboss.job_common AS ahead
      WHERE ahead.name = job.name AND ahead.singleton_key = job.singleton_key AND ahead.id <> job.id
        AND ahead.state IN ('active', 'retry', 'failed') AND ahead.policy = 'key_strict_fifo'
    )
    ORDER BY job.created_on LIMIT $2 FOR UPDATE OF job SKIP LOCKED
  )
  UPDATE pgboss.job_common AS job
  SET state = 'active', started_on = now(), heartbeat_on = now(), retry_count = CASE WHEN started_on IS NULL THEN retry_count ELSE retry_count + 1 END
  FROM next WHERE job.name = next.name AND job.id = next.id
  RETURNING job.name AS queue, job.id, job.data AS body, job.retry_count AS "retryCount"`;

/** What has come meanwhile is told too, which spares the asking where nothing has. */
const REMOVE = `
  WITH removed AS (
    DELETE FROM pgboss.job_common AS job
    USING unnest($1::text[], $2::uuid[], $3::int[]) AS settled (name, id, retry_count)
    WHERE job.name = settled.name AND job.id = settled.id AND job.state = 'active' AND job.retry_count = settled.retry_count
  )
  SELECT EXISTS (SELECT FROM pgboss.job_common WHERE name = ANY ($4::text[]) AND state < 'active' AND NOT blocked) AS more`;

/** Stores messages, each in the queues of its channel, and wakes their consumers. */
export async function storeJobs(
  database: BossDatabase,
  messages: readonly OutgoingMessage[],
  queuesOf: (channel: string) => readonly string[],
): Promise<void> {
  const rows = messages.flatMap(({ channel, envelope }) => {
    const queues = queuesOf(channel);
    return queues.length === 0
      ? []
      : [
          {
            id: envelope.id,
            key: envelope.aggregateId,
            queues: `{${queues.map(quote).join()}}`,
            data: envelope,
          },
        ];
  });
  if (rows.length > 0) await database.query(STORE, [JSON.stringify(rows)]);
}

/** Takes messages of queues, of each key no more than one. */
export function fetchJobs(database: BossDatabase, queues: readonly string[], limit: number): Promise<Job[]> {
  return database.query<Job>(FETCH, [queues, limit]).catch((error: unknown) => {
    // Another process took the same key at the same moment: it is under way.
    if ((error as { code?: unknown }).code === "23505") return [];
    throw error;
  });
}

/**
 * Removes messages that are done with.
 *
 * @returns whether there may be more in any of the queues
 */
export async function removeJobs(
  database: BossDatabase,
  jobs: readonly Omit<Job, "body">[],
  queues: readonly string[],
): Promise<boolean> {
  const [row] = await database.query<{ more: boolean }>(REMOVE, [
    jobs.map(({ queue }) => queue),
    jobs.map(({ id }) => id),
    jobs.map(({ retryCount }) => retryCount),
    queues,
  ]);
  return row?.more ?? true;
}

/** As an element of PostgreSQL's text of an array. */
function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
