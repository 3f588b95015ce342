import type { SnapshotPage } from "@tributary/channels";
import { inTransaction, type SqlTransaction } from "@tributary/messaging";
import { sql } from "@tributary/subgraph-kit";
import type { Pool } from "pg";
import type { HistoryChange } from "../../domain/history-change.ts";
import {
  SOURCES,
  type Generation,
  type HistoryStore,
  type Source,
  type SourceProgress,
} from "../history-store.ts";
import { applyChanges } from "./apply-changes.ts";
import { ENTRY_COLUMNS, toEntry, toHead, type EntryRow, type HeadRow } from "./rows.ts";

type Generations = Pick<
  HistoryStore,
  | "generations"
  | "begin"
  | "finish"
  | "retire"
  | "sweep"
  | "headsOf"
  | "entriesOf"
  | "headsById"
  | "entriesById"
>;

/** Any number of our own: those who begin a generation take turns. */
const BEGIN_LOCK = 7_236_401;
const NO_ID = "00000000-0000-0000-0000-000000000000";

/** Makes what is done with whole generations. */
export function createPostgresGenerations(pool: Pool): Generations {
  const query = <Row extends object>(statement: ReturnType<typeof sql>) =>
    inTransaction(pool, (transaction) => transaction.query<Row>(statement));

  return {
    async generations() {
      const rows = await query<Omit<Generation, "sources"> & SourceProgress>(
        sql`SELECT id, purpose, status, source, snapshot_id AS "snapshotId", after, items, is_done AS "isDone"
          FROM generations JOIN source_progress ON generation = id WHERE status <> 'RETIRED' ORDER BY id, source`,
      );
      return [...Map.groupBy(rows, ({ id }) => id)].map(([id, own]) => {
        const { purpose, status } = own[0]!;
        const sources = own.map(({ source, snapshotId, after, items, isDone }) => ({
          ...{ source, snapshotId, after, items, isDone },
        }));
        return { id, purpose, status, sources };
      });
    },
    begin: (purpose) =>
      inTransaction(pool, async (transaction) => {
        await transaction.query(sql`SELECT pg_advisory_xact_lock(${BEGIN_LOCK})`);
        const [building] = await transaction.query<{ id: number }>(
          sql`SELECT id FROM generations WHERE purpose = ${purpose}::"GenerationPurpose" AND status = 'BUILDING'`,
        );
        if (building) return building.id;
        const [begun] = await transaction.query<{ id: number }>(
          sql`INSERT INTO generations (purpose) VALUES (${purpose}::"GenerationPurpose") RETURNING id`,
        );
        const id = begun!.id;
        await transaction.query(
          sql`INSERT INTO source_progress (generation, source, snapshot_id) SELECT ${id}::integer, unnest(${Object.keys(SOURCES)}::text[]), gen_random_uuid()`,
        );
        return id;
      }),
    finish: (id) =>
      inTransaction(pool, async (transaction) => {
        // Waits for transactions that apply changes, and has those that come meanwhile wait: the swap is between two of them.
        const [found] = await transaction.query<{ purpose: string }>(
          sql`SELECT purpose FROM generations WHERE id = ${id} AND status = 'BUILDING' FOR UPDATE`,
        );
        const [open] = await transaction.query(
          sql`SELECT source FROM source_progress WHERE generation = ${id} AND NOT is_done LIMIT 1`,
        );
        if (!found || open) return false;
        if (found.purpose === "SERVE") {
          await transaction.query(sql`UPDATE generations SET status = 'RETIRED' WHERE status = 'LIVE'`);
        }
        const status = found.purpose === "SERVE" ? "LIVE" : "READY";
        await transaction.query(
          sql`UPDATE generations SET status = ${status}::"GenerationStatus", built_at = clock_timestamp() WHERE id = ${id}`,
        );
        return true;
      }),
    async retire(id) {
      await query(sql`UPDATE generations SET status = 'RETIRED' WHERE id = ${id} AND status <> 'LIVE'`);
    },
    sweep: (limit) =>
      inTransaction(pool, async (transaction) => {
        const [retired] = await transaction.query<{ id: number }>(
          sql`SELECT id FROM generations WHERE status = 'RETIRED' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`,
        );
        if (!retired) return 0;
        const { id } = retired;
        const [deleted] = await transaction.query<{ count: number }>(
          sql`WITH gone AS (
              DELETE FROM entries WHERE generation = ${id} AND id IN (SELECT id FROM entries WHERE generation = ${id} ORDER BY id LIMIT ${limit}) RETURNING 1
            ), heads_gone AS (
              DELETE FROM customer_heads WHERE generation = ${id} AND customer_id IN (SELECT customer_id FROM customer_heads WHERE generation = ${id} ORDER BY customer_id LIMIT ${limit}) RETURNING 1
            ) SELECT (SELECT count(*) FROM gone)::int + (SELECT count(*) FROM heads_gone)::int AS count`,
        );
        if (deleted?.count === 0) await transaction.query(sql`DELETE FROM generations WHERE id = ${id}`);
        return deleted?.count ?? 0;
      }),
    async headsOf(generation, after, limit) {
      const rows = await query<HeadRow>(
        sql`SELECT * FROM customer_heads WHERE generation = ${generation} AND customer_id > ${after ?? NO_ID}::uuid ORDER BY customer_id LIMIT ${limit}`,
      );
      return rows.map(toHead);
    },
    async entriesOf(generation, after, limit) {
      const rows = await query<EntryRow>(
        sql`SELECT ${ENTRY_COLUMNS} FROM entries WHERE generation = ${generation} AND id > ${after ?? NO_ID}::uuid ORDER BY id LIMIT ${limit}`,
      );
      return rows.map(toEntry);
    },
    async headsById(generation, ids) {
      const rows = await query<HeadRow>(
        sql`SELECT * FROM customer_heads WHERE generation = ${generation} AND customer_id = ANY(${[...ids]}::uuid[])`,
      );
      return rows.map(toHead);
    },
    async entriesById(generation, ids) {
      const rows = await query<EntryRow>(
        sql`SELECT ${ENTRY_COLUMNS} FROM entries WHERE generation = ${generation} AND id = ANY(${[...ids]}::uuid[])`,
      );
      return rows.map(toEntry);
    },
  };
}

/** Applies a page to the generation that waits for it, and notes how far it goes. */
export async function turnPage(
  transaction: SqlTransaction,
  { snapshotId, source, after, next, items }: SnapshotPage,
  changes: readonly HistoryChange[],
): Promise<void> {
  const [turned] = await transaction.query<{ generation: number }>(
    sql`UPDATE source_progress SET after = coalesce(${next}::uuid, after), is_done = ${next === null}, items = items + ${items.length}
      WHERE snapshot_id = ${snapshotId}::uuid AND source = ${source} AND NOT is_done AND after IS NOT DISTINCT FROM ${after}::uuid RETURNING generation`,
  );
  if (turned && changes.length > 0) await applyChanges(transaction, changes, turned.generation);
}

/** Has a source read from the start again, by another name: pages that are under way do not count any more. */
export async function readAgain(transaction: SqlTransaction, source: Source): Promise<void> {
  await transaction.query(
    sql`UPDATE source_progress SET snapshot_id = gen_random_uuid(), after = NULL, items = 0, is_done = false WHERE source = ${source}`,
  );
}
