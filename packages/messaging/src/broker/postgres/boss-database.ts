import pg from "pg";
import type { Db } from "pg-boss";
import { statementName } from "../../postgres/statement-name.ts";

export interface BossDatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly onError: (error: Error) => void;
}

/** The way to the broker's database, pg-boss' and ours. */
export interface BossDatabase extends Db {
  /** Runs a statement, prepared once for each connection. @returns its rows */
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Opens a pool that prepares its statements, as the same ones come again and again. */
export function openBossDatabase({ url, poolSize, onError }: BossDatabaseOptions): BossDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "tributary-broker",
    // Arrays as parameters have PostgreSQL plan a statement anew each time, which costs more than to run it.
    options: "-c plan_cache_mode=force_generic_plan",
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    // A server that is gone without a word must not hold a relay for ever.
    query_timeout: 30_000,
    keepAlive: true,
  });
  pool.on("error", onError);

  const run = (text: string, values: unknown[]) => {
    const name = isOneStatement(text) ? statementName(text) : undefined;
    return pool.query({ ...(name && { name }), text, values });
  };
  return {
    executeSql: (text, values = []) => run(text, values),
    query: async (text, values) => (await run(text, values)).rows,
    close: () => pool.end(),
  };
}

/** What is sent with a name must be one statement; pg-boss sends its larger pieces of work as several. */
function isOneStatement(text: string): boolean {
  return /^\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b/i.test(text) && !text.includes(";");
}
