import { createLogger } from "@tributary/subgraph-kit";
import { startContextDatabase } from "@tributary/subgraph-testing";
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../config.ts";
import { openStore } from "../open-store.ts";
import { describeStore } from "../store-contract.fixture.ts";

describe("the store in PostgreSQL", () => {
  describeStore(async () => {
    const database = await startContextDatabase("history");
    const config = readConfig({ DATABASE_URL: database.url, IDENTITY_JWKS: "none", LOG_LEVEL: "silent" });
    const { store } = openStore(config, createLogger("history", "silent"));
    return {
      store,
      async reset() {
        await database.query(
          "TRUNCATE generations, source_progress, customer_heads, entries, inbox_messages, dead_letters",
        );
      },
      async stop() {
        await store.close();
        await database.stop();
      },
    };
  });

  test("has PostgreSQL know how much there is while a view is filled", async () => {
    const database = await startContextDatabase("history");
    const config = readConfig({ DATABASE_URL: database.url, IDENTITY_JWKS: "none", LOG_LEVEL: "silent" });
    const { store } = openStore(config, createLogger("history", "silent"));
    try {
      await database.query("ALTER TABLE entries SET (autovacuum_enabled = off)");
      await database.query("INSERT INTO generations (purpose, status) VALUES ('SERVE', 'LIVE')");
      const at = "2026-01-01T12:00:00.000Z";
      const changes = Array.from({ length: 150 }, () => ({
        ...{ customerId: randomUUID(), entryId: randomUUID(), part: "order", version: 1, value: {} },
        ...{ changedAt: at, listedAt: at, counts: "orders" as const, held: null },
      }));
      await store.transaction(async (transaction) => transaction.apply(randomUUID(), changes));
      await expect
        .poll(() =>
          database.query("SELECT reltuples::float8 AS rows FROM pg_class WHERE relname = 'entries'"),
        )
        .toEqual([{ rows: 150 }]);
    } finally {
      await store.close();
      await database.stop();
    }
  });
});
