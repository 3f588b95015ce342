import { basename, join } from "node:path";
import { checkDatabaseUrl, describeDatabase } from "./database-url.ts";
import { migrationList, NO_FILTERS, withEngine } from "./engine.ts";
import { MigrationError } from "./error.ts";
import { checksum, PRISMA_DIR, readContextFolder, type ContextFolder } from "./folder.ts";
import { assertSound, compareHistory, plainReason, readHistory, type MigrationEntry } from "./history.ts";
import { withLock, withSession, type Session } from "./session.ts";

/** Which migrations, and which database. */
export interface MigrationTarget {
  /** A folder of `prisma/`: customer, order, payment; or any folder that holds a schema.prisma and migrations/. */
  readonly context?: string;
  readonly dir?: string;
  /** Connection URL of the database. Never logged. */
  readonly url: string;
  /** Takes lines for people. */
  readonly log?: (line: string) => void;
  /** How long to wait for another migrator to finish, in milliseconds; a minute by default. */
  readonly lockWaitMs?: number;
}

function open(target: MigrationTarget) {
  const { context, log = () => {}, lockWaitMs: waitMs = 60_000 } = target;
  const dir = target.dir ?? (context && join(PRISMA_DIR, context));
  if (!dir) throw new MigrationError("BAD_FOLDER", "neither a context nor a folder is named");
  const url = checkDatabaseUrl(target.url);
  return { name: context ?? basename(dir), folder: readContextFolder(dir), url, log, waitMs };
}

/**
 * Applies what is pending, in order, each migration in one transaction. Two at once do not both apply: the second
 * waits, and finds nothing left to do. A migration that fails is recorded as Prisma records it, and blocks until
 * {@link resolveMigration} says what became of it.
 *
 * @returns the names of what was applied; empty if all was
 * @throws MigrationError
 */
export async function applyMigrations(target: MigrationTarget): Promise<{ applied: string[] }> {
  const { name, folder, url, log, waitMs } = open(target);
  return withLock(url, { log, waitMs }, async (session) => {
    const entries = compareHistory(folder, await readHistory(session));
    assertSound(name, entries);
    const pending = entries.filter(({ state }) => state === "pending").map((entry) => entry.name);
    if (pending.length === 0) return { applied: [] };
    await applyPending(name, folder, session);
    for (const migration of pending) log(`${name}: applied ${migration}`);
    return { applied: pending };
  });
}

async function applyPending(name: string, folder: ContextFolder, session: Session): Promise<void> {
  try {
    await withEngine(session, folder.schema, (engine) =>
      engine.applyMigrations({ migrationsList: migrationList(folder), filters: NO_FILTERS }),
    );
  } catch (error) {
    assertSound(name, compareHistory(folder, await readHistory(session))); // names the one that failed, and the way out
    throw translate(error, folder, session.url);
  }
}

/** The state of each migration of the folder and of the database, by age. @throws MigrationError */
export async function migrationStatus(target: MigrationTarget): Promise<MigrationEntry[]> {
  const { folder, url } = open(target);
  return withSession(url, async (session) => compareHistory(folder, await readHistory(session)));
}

/**
 * Drops everything in the database, and applies all migrations.
 *
 * @throws MigrationError
 */
export async function resetDatabase(target: MigrationTarget): Promise<{ applied: string[] }> {
  const { name, folder, url, log, waitMs } = open(target);
  return withLock(url, { log, waitMs }, async (session) => {
    await withEngine(session, folder.schema, (engine) => engine.reset({ filter: NO_FILTERS })).catch(
      (error: unknown) => {
        throw translate(error, folder, url);
      },
    );
    log(`${name}: dropped everything in ${describeDatabase(url)}`);
    await applyPending(name, folder, session);
    const applied = folder.migrations.map((migration) => migration.name);
    for (const migration of applied) log(`${name}: applied ${migration}`);
    return { applied };
  });
}

/**
 * Says what became of a migration that failed, or accepts the new text of one that was edited, or takes one as applied
 * that was done by hand (a database that is older than its history).
 *
 * @param as `rolled-back`: nothing of it is left, it may run again; `applied`: the database is what it would have made
 * @throws MigrationError
 */
export async function resolveMigration(
  target: MigrationTarget & { migration: string; as: "applied" | "rolled-back" },
): Promise<void> {
  const { name, folder, url, log, waitMs } = open(target);
  const { migration, as } = target;
  await withLock(url, { log, waitMs }, async (session) => {
    const entry = compareHistory(folder, await readHistory(session)).find((one) => one.name === migration);
    const file = folder.migrations.find((one) => one.name === migration);
    if (!entry) throw new MigrationError("UNKNOWN_MIGRATION", `${name}: there is no migration ${migration}`);
    const refuse = (why: string) =>
      new MigrationError("UNKNOWN_MIGRATION", `${name}: migration ${migration} ${why}`);

    if (as === "rolled-back") {
      if (entry.state !== "failed")
        throw refuse(`is ${entry.state}: only a failed one can be marked as rolled back`);
      await run(session, (engine) => engine.markMigrationRolledBack({ migrationName: migration }));
    } else if (entry.state === "edited" && file) {
      await session.pool.query(
        "UPDATE public._prisma_migrations SET checksum = $1 WHERE migration_name = $2 AND rolled_back_at IS NULL",
        [checksum(file.sql), migration],
      );
    } else if (entry.state === "failed" || entry.state === "pending") {
      if (!file) throw refuse("is not in the folder");
      await run(session, (engine) =>
        engine.markMigrationApplied({ migrationName: migration, migrationsList: migrationList(folder) }),
      );
    } else {
      throw refuse(entry.state === "missing" ? "is not in the folder" : "is applied already");
    }
    log(`${name}: ${migration} is marked as ${as}`);
  });

  async function run(session: Session, work: Parameters<typeof withEngine>[2]): Promise<void> {
    await withEngine(session, folder.schema, work).catch((error: unknown) => {
      throw translate(error, folder, url);
    });
  }
}

/** A fault of the engine as one that a person can read. */
export function translate(error: unknown, folder: ContextFolder, url: string): MigrationError {
  const name = basename(folder.dir);
  if (error instanceof MigrationError) return error;
  const { message, code } = error as Error & { code?: string };
  const { password } = new URL(url);
  let reason = plainReason(message);
  for (const secret of [password, decodeURIComponent(password)])
    if (secret) reason = reason.replaceAll(secret, "***");
  if (code === "P3005") {
    const first = folder.migrations[0]?.name ?? "NAME";
    return new MigrationError(
      "NOT_EMPTY",
      [
        `${name}: ${describeDatabase(url)} holds tables, but no history of migrations`,
        "name an empty database; or, if these are the tables of a migration:",
        `  npm run db -- resolve ${name} --applied ${first}`,
      ].join("\n"),
      { cause: error },
    );
  }
  return new MigrationError("ENGINE", `${name}: ${reason}`, { cause: error });
}
