import { expect, test } from "vitest";
import { SHARDS } from "./outbox.ts";
import { createShardLocks, type AdvisoryLocks } from "./shard-locks.ts";

/** A server with sessions; the answers of some statements are lost on their way. */
function fakeServer() {
  const locks = new Map<number, object>();
  const members = new Set<object>();
  return {
    openSession(options: { loseAnswerOf?: number } = {}) {
      const session = {};
      let { loseAnswerOf } = options;
      const port: AdvisoryLocks = {
        async join() {
          members.add(session);
        },
        async look() {
          const of = (mine: boolean) =>
            [...locks].flatMap(([shard, owner]) => ((owner === session) === mine ? [shard] : []));
          return { members: members.size, own: of(true), others: new Set(of(false)) };
        },
        async tryLock(shard) {
          if ((locks.get(shard) ?? session) !== session) return false;
          locks.set(shard, session);
          if (shard === loseAnswerOf) {
            loseAnswerOf = undefined;
            throw new Error("Query read timeout");
          }
          return true;
        },
        async unlock(shard) {
          locks.delete(shard);
        },
      };
      return createShardLocks(port, "share");
    },
  };
}

const all = Array.from({ length: SHARDS }, (_, shard) => shard);

test("a shard whose lock was answered too late was relayed by nobody as long as the session lasted", async () => {
  const locks = fakeServer().openSession({ loseAnswerOf: 5 });
  await expect(locks.balance()).rejects.toThrow("timeout");
  await locks.balance();
  expect(locks.held()).toEqual(all);
});

test("relays share the shards, and each has its own", async () => {
  const server = fakeServer();
  const [first, second] = [server.openSession(), server.openSession()];
  await first.balance();
  expect(first.held()).toEqual(all);
  await second.balance();
  expect(second.held()).toEqual([]);
  await first.balance();
  await second.balance();
  expect([first.held().length, second.held().length]).toEqual([SHARDS / 2, SHARDS / 2]);
  expect([...first.held(), ...second.held()].sort((left, right) => left - right)).toEqual(all);
});
