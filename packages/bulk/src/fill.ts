import type { ClientBase } from "pg";
import type { Copying } from "./copy-rows.ts";
import { copyRows } from "./copy-rows.ts";

/**
 * Copies items into empty tables, whose keys and indexes are taken off before and built again after: sorting all keys
 * once is several times faster than finding each one's place, above all for UUIDs, which fall all over an index that no
 * longer fits into memory.
 *
 * This happens in the client's transaction: whoever reads the tables meanwhile waits, and a fault brings everything back
 * as it was. Where the role does not own the tables, they keep their indexes, and the copying takes longer.
 *
 * @returns how many rows went into each part
 * @throws as {@link copyRows}; the database's errors also where rows break a key
 */
export async function fillTables<T>(client: ClientBase, copying: Copying<T>): Promise<number[]> {
  const tables = copying.parts.map(({ table }) => table);
  const { drop, restore } = await readKeys(client, tables);
  for (const statement of drop) await client.query(statement);
  const counts = await copyRows(client, copying);
  // An index is sorted in memory as far as it goes; the setting ends with the transaction.
  await client.query("SET LOCAL maintenance_work_mem = '128MB'");
  for (const statement of restore) await client.query(statement);
  return counts;
}

interface Keys {
  readonly drop: readonly string[];
  readonly restore: readonly string[];
}

/** Statements that take off the tables' keys and indexes and put the same back, foreign keys off first and back last. */
async function readKeys(client: ClientBase, tables: readonly string[]): Promise<Keys> {
  const owned = await client.query<{ all: boolean }>(
    `SELECT bool_and(pg_has_role(relowner, 'USAGE')) AS all FROM pg_class WHERE oid = ANY ($1::regclass[])`,
    [tables],
  );
  if (!owned.rows[0]?.all) return { drop: [], restore: [] };
  const constraints = await client.query<{ drop: string; restore: string; foreign: boolean }>(
    `SELECT contype = 'f' AS foreign,
            format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS restore
       FROM pg_constraint
      WHERE contype IN ('p', 'u', 'f')
        AND (conrelid = ANY ($1::regclass[]) OR contype = 'f' AND confrelid = ANY ($1::regclass[]))
      ORDER BY contype <> 'f', conname`,
    [tables],
  );
  const indexes = await client.query<{ drop: string; restore: string }>(
    `SELECT format('DROP INDEX %s', indexrelid::regclass) AS drop, pg_get_indexdef(indexrelid) AS restore
       FROM pg_index i
      WHERE indrelid = ANY ($1::regclass[])
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
      ORDER BY indexrelid`,
    [tables],
  );
  const inOrder = [...constraints.rows, ...indexes.rows];
  return {
    drop: inOrder.map(({ drop }) => drop),
    restore: inOrder.map(({ restore }) => restore).toReversed(),
  };
}
