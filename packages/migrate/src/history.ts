import { MigrationError } from "./error.ts";
import { matchesChecksum, type ContextFolder } from "./folder.ts";
import type { Session } from "./session.ts";

/** A row of `_prisma_migrations` that counts: one that was rolled back is there for the record only. */
export interface HistoryRow {
  readonly name: string;
  readonly checksum: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly logs: string | null;
}

/**
 * - `applied`: in the database, as in the folder
 * - `pending`: in the folder only
 * - `failed`: begun in the database, and never finished
 * - `edited`: applied, and its file is not what was applied
 * - `missing`: in the database, and not in the folder
 */
export type MigrationState = "applied" | "pending" | "failed" | "edited" | "missing";

export interface MigrationEntry {
  readonly name: string;
  readonly state: MigrationState;
  /** When it was finished, or, if it failed, begun; `null` for a pending one. */
  readonly at: Date | null;
  /** What the database said when it failed. */
  readonly reason: string | null;
}

/** Reads the history that Prisma keeps in the database; empty where there is none. */
export async function readHistory({ pool }: Session): Promise<HistoryRow[]> {
  const { rows } = await pool.query<{ found: boolean }>(
    "SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS found",
  );
  if (!rows[0]?.found) return [];
  const history = await pool.query<HistoryRow>(
    `SELECT migration_name AS name, checksum, started_at AS "startedAt", finished_at AS "finishedAt", logs
       FROM public._prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  );
  return history.rows;
}

/** The folder and the database side by side, by name (which is by age). */
export function compareHistory(folder: ContextFolder, rows: readonly HistoryRow[]): MigrationEntry[] {
  const files = new Map(folder.migrations.map(({ name, sql }) => [name, sql]));
  const history = new Map(rows.map((row) => [row.name, row]));
  return [...new Set([...files.keys(), ...history.keys()])].sort().map((name) => {
    const row = history.get(name);
    const sql = files.get(name);
    if (!row) return { name, state: "pending", at: null, reason: null };
    if (!row.finishedAt)
      return { name, state: "failed", at: row.startedAt, reason: plainReason(row.logs ?? "") };
    if (sql === undefined) return { name, state: "missing", at: row.finishedAt, reason: null };
    const state = matchesChecksum(sql, row.checksum) ? "applied" : "edited";
    return { name, state, at: row.finishedAt, reason: null };
  });
}

/** The engine wraps what the database said in headings and a trace of its own functions. */
export function plainReason(text: string): string {
  return text
    .replace(/\n\s+0: [\s\S]*$/, "")
    .replace(/^external connector error\n/, "")
    .replace(/^Error querying the database: /, "")
    .trim();
}

/**
 * Refuses a history that nothing should be built upon, and says the way out.
 *
 * @param context as commands name it
 * @throws MigrationError FAILED_MIGRATION, EDITED_MIGRATION or DATABASE_AHEAD
 */
export function assertSound(context: string, entries: readonly MigrationEntry[]): void {
  const inState = (state: MigrationState) => entries.find((entry) => entry.state === state);
  const reset = `in development: npm run db -- reset ${context} --yes, which empties the database`;

  const failed = inState("failed");
  if (failed) {
    throw new MigrationError(
      "FAILED_MIGRATION",
      [
        `${context}: migration ${failed.name} was begun and not finished${failed.reason ? `: ${failed.reason}` : ""}`,
        "look at what it left in the database, then say which it is:",
        `  undone, so that it runs again once its file is right:  npm run db -- resolve ${context} --rolled-back ${failed.name}`,
        `  completed by hand:                                     npm run db -- resolve ${context} --applied ${failed.name}`,
      ].join("\n"),
    );
  }
  const edited = inState("edited");
  if (edited) {
    throw new MigrationError(
      "EDITED_MIGRATION",
      [
        `${context}: migration ${edited.name} was edited after it was applied here`,
        `restore its file, and write the change as a migration of its own:  npm run db -- new ${context} --name NAME`,
        `if the database is already what the new text says:                 npm run db -- resolve ${context} --applied ${edited.name}`,
        reset,
      ].join("\n"),
    );
  }
  const missing = inState("missing");
  if (missing) {
    throw new MigrationError(
      "DATABASE_AHEAD",
      [
        `${context}: the database has migration ${missing.name}, which the folder has not: it was made by a newer release`,
        "run that release, or restore the migration's folder",
        reset,
      ].join("\n"),
    );
  }
}
