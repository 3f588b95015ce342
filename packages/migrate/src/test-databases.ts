import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTemporaryPostgres, type PostgresServer } from "@tributary/postgres";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { PRISMA_DIR } from "./folder.ts";

export interface TestDatabases {
  /** A new empty database. */
  create(): Promise<string>;
  query<T extends pg.QueryResultRow = pg.QueryResultRow>(url: string, sql: string): Promise<T[]>;
  /** A copy of a context's folder that a test may change; with its first migration alone where that is asked for. */
  copyOf(context: string, migrations?: "all" | "first"): string;
}

/** One server for the tests of a file. */
export function useDatabases(): TestDatabases {
  let server: PostgresServer;
  let folders: string;
  let count = 0;
  beforeAll(async () => {
    server = await startTemporaryPostgres();
    folders = mkdtempSync(join(tmpdir(), "tributary-migrate-"));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folders, { recursive: true });
  });

  const query = async <T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    query,
    create: async () => {
      const name = `test_${++count}`;
      await query(server.adminUrl(), `CREATE DATABASE ${name}`);
      return server.adminUrl(name);
    },
    copyOf: (context, migrations = "all") => {
      const dir = join(folders, String(++count), context);
      cpSync(join(PRISMA_DIR, context), dir, { recursive: true });
      for (const name of migrations === "first" ? migrationsOf(context).slice(1) : [])
        rmSync(join(dir, "migrations", name), { recursive: true });
      return dir;
    },
  };
}

/** The migrations of a context in the repository, by name, in their order. */
export function migrationsOf(context: string): string[] {
  return readdirSync(join(PRISMA_DIR, context, "migrations"))
    .filter((name) => /^\d{14}_/.test(name))
    .sort();
}

export function addMigration(dir: string, name: string, sql: string): void {
  mkdirSync(join(dir, "migrations", name), { recursive: true });
  writeFileSync(join(dir, "migrations", name, "migration.sql"), sql);
}
