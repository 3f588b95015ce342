import { randomBytes } from "node:crypto";
import { applyMigrations } from "@tributary/migrate";
import type { PostgresServer } from "@tributary/postgres";
import { provisionDatabases, startTemporaryPostgres } from "@tributary/postgres";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import type { Context, DatabaseUrls } from "./transactions.ts";
import { CONTEXTS } from "./transactions.ts";

export interface TestDatabases {
  /** The three databases, migrated and empty, each with its own role. */
  create(): Promise<DatabaseUrls>;
}

/** One server for the tests of a file; migrations are applied once, and copied. */
export function useDatabases(): TestDatabases {
  let server: PostgresServer;
  let count = 0;
  const password = randomBytes(12).toString("hex");
  const urlOf = (database: string, role: string): string => {
    const url = new URL(server.adminUrl(database));
    Object.assign(url, { username: role, password });
    return url.href;
  };
  beforeAll(async () => {
    server = await startTemporaryPostgres();
    const own = CONTEXTS.map((context) => ({ database: `empty_${context}`, role: context, password }));
    await provisionDatabases(server.adminUrl(), own);
    for (const context of CONTEXTS)
      await applyMigrations({ context, url: urlOf(`empty_${context}`, context) });
  });
  afterAll(() => server.stop());
  return {
    create: async () => {
      const number = ++count;
      for (const context of CONTEXTS) {
        const sql = `CREATE DATABASE ${context}_${number} TEMPLATE empty_${context} OWNER "${context}"`;
        await query(server.adminUrl(), sql);
      }
      const entries = CONTEXTS.map((context) => [context, urlOf(`${context}_${number}`, context)]);
      return Object.fromEntries(entries) as Record<Context, string>;
    },
  };
}

/** Runs one statement on a connection of its own. bigint comes as text. */
export async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of every table, as text: two databases with the same one hold the same. */
export async function contents(urls: DatabaseUrls): Promise<Record<string, string>> {
  const tables = {
    customer: ["customers", "credit_reservations", "idempotency_records"],
    order: ["orders", "order_lines", "order_events"],
    payment: ["payments", "ledger_entries", "idempotency_records"],
  };
  const all: Record<string, string> = {};
  for (const context of CONTEXTS) {
    for (const table of tables[context]) {
      const sql = `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS text FROM ${table} t`;
      all[`${context}.${table}`] = (await query<{ text: string }>(urls[context], sql))[0]!.text;
    }
  }
  return all;
}
