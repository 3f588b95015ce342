import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startTestDatabase, type TestDatabase } from "../database.fixture.ts";
import { parseConfig } from "../config/parse-config.ts";
import { subgraphSettings } from "../config/subgraph-settings.ts";
import { createLogger } from "../server/logger.ts";
import { openPool } from "../database/pool.ts";
import { countStatements, statementsSoFar } from "./statement-count.ts";

let database: TestDatabase;
let pool: pg.Pool;

const open = (url: string) => {
  const config = parseConfig(subgraphSettings, {
    DATABASE_URL: url,
    DATABASE_POOL_SIZE: "2",
    IDENTITY_JWKS: "x",
  });
  return database.adopt(openPool("thing", config, createLogger("thing", "silent")).pool);
};

beforeAll(async () => {
  database = await startTestDatabase();
  pool = open(database.url);
});

afterAll(async () => {
  await database?.stop();
});

async function inTransaction(): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query({ text: "SELECT $1::int", values: [1] });
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}

test("every statement counts for the request that sent it, also where requests share connections", async () => {
  const counts = await Promise.all(
    [0, 1, 2, 5, 9].map(async (statements) => {
      const count = { statements: 0 };
      await countStatements(count, async () => {
        await Promise.all(Array.from({ length: statements }, () => pool.query("SELECT pg_sleep(0.005)")));
        expect(statementsSoFar()).toBe(statements);
        await inTransaction();
      });
      return count.statements - statements;
    }),
  );
  expect(counts).toEqual([3, 3, 3, 3, 3]);
  expect(statementsSoFar()).toBe(0);
});

test("what no request sent is not counted", async () => {
  await pool.query("SELECT 1");
  expect(statementsSoFar()).toBe(0);
});

test("a session keeps time in UTC, whatever its role is set to, and tells whose it is", async () => {
  await pool.query("ALTER ROLE CURRENT_USER SET TimeZone = 'Asia/Tokyo'");
  const url = new URL(database.url);
  url.searchParams.set("options", "-c work_mem=5MB");
  const fresh = open(url.href);
  const { rows } = await fresh.query(
    "SELECT current_setting('TimeZone') AS zone, current_setting('work_mem') AS memory, current_setting('application_name') AS name",
  );
  expect(rows).toEqual([{ zone: "UTC", memory: "5MB", name: "thing" }]);
});
