import { randomBytes } from "node:crypto";
import { applyMigrations } from "@tributary/migrate";
import { provisionDatabases, startTemporaryPostgres } from "@tributary/postgres";
import pg from "pg";
import type { ContextName } from "./test-subgraph.ts";

/** A context's migrated, empty database on a PostgreSQL server of its own. */
export interface ContextDatabase {
  /** Connection URL of the context's role. */
  url: string;
  /** Runs a statement as the context's role. bigint comes as text, timestamptz as Date. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** Runs a statement as the server's superuser, in another database. */
  asSuperuser(statement: string): Promise<void>;
  /** Takes the database away: ends every session and lets nobody in, until `giveBack`. */
  takeAway(): Promise<void>;
  giveBack(): Promise<void>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** Starts a real PostgreSQL with one context's database in it, at its newest migration. Takes a few seconds. */
export async function startContextDatabase(context: ContextName): Promise<ContextDatabase> {
  const server = await startTemporaryPostgres();
  const admin = new pg.Pool({ connectionString: server.adminUrl(), max: 1 });
  try {
    const password = randomBytes(18).toString("hex");
    await provisionDatabases(server.adminUrl(), [{ database: context, role: context, password }]);
    const url = new URL(server.adminUrl(context));
    url.username = context;
    url.password = password;
    const pool = new pg.Pool({ connectionString: url.href, max: 4 });
    for (const each of [pool, admin]) letSessionsEnd(each);
    await applyMigrations({ context, url: url.href });
    return {
      url: url.href,
      async query<Row extends object>(text: string, values: readonly unknown[] = []) {
        return (await pool.query<Row>(text, [...values])).rows;
      },
      async asSuperuser(statement) {
        await admin.query(statement);
      },
      async takeAway() {
        await admin.query(`ALTER DATABASE "${context}" ALLOW_CONNECTIONS false`);
        await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
          context,
        ]);
      },
      async giveBack() {
        await admin.query(`ALTER DATABASE "${context}" ALLOW_CONNECTIONS true`);
      },
      async stop() {
        await Promise.all([pool.end(), admin.end()]);
        await server.stop();
      },
    };
  } catch (error) {
    await admin.end();
    await server.stop();
    throw error;
  }
}

/** Has a test's pool take it well that the server ends its sessions, which `takeAway` and `stop` have it do. */
export function letSessionsEnd(pool: pg.Pool): void {
  pool.on("error", () => {});
  // `pool.end()` does not wait for the connections that it closes: the server may be the first to end them.
  pool.on("connect", (client) => client.on("error", () => {}));
}
