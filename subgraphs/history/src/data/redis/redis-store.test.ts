import { randomUUID } from "node:crypto";
import { createLogger } from "@tributary/subgraph-kit";
import { hasRedisServer, startRedisServer, withoutRedisServer } from "@tributary/subgraph-testing";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../config.ts";
import { openStore } from "../open-store.ts";
import { describeStore } from "../store-contract.fixture.ts";

const note = hasRedisServer ? "" : ` (${withoutRedisServer})`;

describe.skipIf(!hasRedisServer)(`the store in Redis${note}`, () => {
  describeStore(async () => {
    const server = await startRedisServer();
    const admin = new Redis(server.url);
    const config = readConfig({
      HISTORY_STORE: "redis",
      HISTORY_REDIS_URL: server.url,
      IDENTITY_JWKS: "none",
    });
    const { store } = openStore(config, createLogger("history", "silent"));
    return {
      store,
      async reset() {
        await admin.flushall();
      },
      async stop() {
        await store.close();
        admin.disconnect();
        await server.stop();
      },
    };
  });

  test.each([
    ["always", "writes each change to its disk first is believed", true],
    ["everysec", "may have lost what it acknowledged is filled again beside what is there", false],
  ] as const)("one that restarts with appendfsync %s and %s", async (fsync, _, isBelieved) => {
    const server = await startRedisServer(fsync);
    const { store } = openStore(
      { HISTORY_STORE: "redis", HISTORY_REDIS_URL: server.url },
      createLogger("history", "silent"),
    );
    const admin = new Redis(server.url);
    admin.on("error", () => {}); // it is halted below
    try {
      const generation = await store.begin("SERVE");
      const before = (await store.generations())[0]!.sources;
      for (const { source, snapshotId } of before) {
        await store.transaction(async (transaction) => {
          const id = randomUUID();
          await store.claim(transaction, "history", [id]);
          transaction.turnPage(id, { snapshotId, source, after: null, next: null, items: [] }, []);
        });
      }
      expect(await store.finish(generation)).toBe(true);
      const runId = await expect
        .poll(() => admin.get("history:server"))
        .toBeTruthy()
        .then(() => admin.get("history:server"));
      await server.halt("SIGTERM");
      await server.start();
      // The store looks at the server when it is connected to it again.
      await expect.poll(() => admin.get("history:server"), { timeout: 20_000 }).not.toBe(runId);
      const [after] = await store.generations();
      expect(after).toMatchObject({ id: generation, status: "LIVE" });
      for (const { source, isDone, snapshotId } of after!.sources) {
        expect(isDone).toBe(isBelieved);
        expect(snapshotId === before.find((each) => each.source === source)!.snapshotId).toBe(isBelieved);
      }
    } finally {
      admin.disconnect();
      await store.close();
      await server.stop();
    }
  });
});
