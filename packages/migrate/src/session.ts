import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { checkDatabaseUrl, describeDatabase } from "./database-url.ts";
import { MigrationError } from "./error.ts";

/** One connection to a database, in the form that Prisma's adapter takes: a pool of one. */
export interface Session {
  readonly url: string;
  readonly pool: pg.Pool;
}

/** Prisma's own key: its CLI and this one exclude each other. */
const LOCK_KEY = 72_707_369;

/**
 * Connects, runs work, disconnects.
 *
 * @throws MigrationError BAD_DATABASE_URL or UNREACHABLE
 */
export async function withSession<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({
    connectionString: checkDatabaseUrl(url),
    max: 1,
    idleTimeoutMillis: 0, // what the connection holds, such as the lock, it holds to the end
    connectionTimeoutMillis: 10_000,
  });
  pool.on("error", () => {}); // a lost connection shows in the next query
  try {
    await pool.query("SELECT 1").catch((cause: NodeJS.ErrnoException) => {
      const reason = cause.message || cause.code;
      throw new MigrationError("UNREACHABLE", `cannot connect to ${describeDatabase(url)}: ${reason}`, {
        cause,
      });
    });
    return await work({ url, pool });
  } finally {
    await pool.end();
  }
}

/**
 * Runs work while no other migrator is at the same database. The lock is the session's: it goes with a process that is
 * killed, and the engine, which takes it again in the same session, gets it.
 *
 * @throws MigrationError LOCKED if another one is still at it after the time
 */
export async function withLock<T>(
  url: string,
  options: { log: (line: string) => void; waitMs: number },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession(url, async (session) => {
    const end = Date.now() + options.waitMs;
    for (let attempt = 0; ; attempt++) {
      const { rows } = await session.pool.query<{ taken: boolean }>(
        "SELECT pg_try_advisory_lock($1) AS taken",
        [LOCK_KEY],
      );
      if (rows[0]?.taken) return work(session);
      if (attempt === 0) options.log(`waiting for another migrator of ${describeDatabase(url)}`);
      if (Date.now() >= end) {
        throw new MigrationError(
          "LOCKED",
          `another migrator has been at ${describeDatabase(url)} for more than ${Math.round(options.waitMs / 1000)} s: ` +
            "wait for it, or end it",
        );
      }
      await sleep(100);
    }
  });
}
