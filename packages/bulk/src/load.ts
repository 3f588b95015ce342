import type { ClientBase } from "pg";

/**
 * How rows come into a table.
 *
 * - `merge`: by a temporary table; rows that are there already stay as they are.
 * - `fill`: straight into the tables, which must be empty; faster.
 * - `auto`: `fill` where the tables are empty, else `merge`.
 */
export type LoadMode = "merge" | "fill" | "auto";

/** What a load did. The rows of a `fill` are all inserted. */
export interface LoadResult {
  readonly inserted: number;
  /** Rows that were there already and were left as they are. */
  readonly unchanged: number;
}

export class LoadError extends Error {
  override readonly name = "LoadError";
}

/**
 * Decides between `merge` and `fill`, and for `fill` keeps other writers out until the transaction ends.
 *
 * @param table the first of the tables to load: where it is empty, so are those that refer to it
 * @throws {LoadError} where `fill` is asked for and the table is not empty
 */
export async function chooseMode(
  client: ClientBase,
  table: string,
  mode: LoadMode,
): Promise<Exclude<LoadMode, "auto">> {
  if (mode === "merge") return mode;
  await client.query(`LOCK TABLE "${table}" IN SHARE ROW EXCLUSIVE MODE`);
  const { rows } = await client.query<{ empty: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM "${table}") AS empty`,
  );
  if (rows[0]?.empty) return "fill";
  if (mode === "auto") return "merge";
  throw new LoadError(`table ${table} is not empty, so it cannot be filled`);
}

/**
 * Makes an empty temporary table `staged_<table>` with the columns of a table. It is gone when the transaction ends.
 */
export async function createStaging(client: ClientBase, table: string): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS pg_temp."staged_${table}"`);
  await client.query(`CREATE TEMPORARY TABLE "staged_${table}" (LIKE "${table}") ON COMMIT DROP`);
}
