import { createLogger } from "@tributary/subgraph-kit";
import { startContextDatabase } from "@tributary/subgraph-testing";
import { describe } from "vitest";
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
});
