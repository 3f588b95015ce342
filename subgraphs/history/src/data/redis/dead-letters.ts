import type { DeadLetter, StoredDeadLetter } from "@tributary/messaging";
import type { HistoryStore } from "../history-store.ts";
import type { RedisClient } from "./client.ts";
import { PREFIX, rowsOf } from "./rows.ts";

type DeadLetters = Pick<
  HistoryStore,
  "bury" | "requestedRedrives" | "listDeadLetters" | "countDeadLetters" | "requestRedrive"
>;

/** The one consumer whose messages this store keeps. */
const CONSUMER = "history";

/** Makes what is done with messages that could not be handled. */
export function createRedisDeadLetters(redis: RedisClient): DeadLetters {
  const dead = `${PREFIX}dead:${CONSUMER}`;
  const requested = `${PREFIX}redrive:${CONSUMER}`;
  const hash = async (key: string) => rowsOf((await redis.call("HGETALL", key)) as string[]);

  async function list({ consumer, messageIds }: Parameters<DeadLetters["listDeadLetters"]>[0]) {
    if (consumer !== undefined && consumer !== CONSUMER) return [];
    const [letters, asked] = [await hash(dead), await hash(requested)];
    const found = [...letters].flatMap(([id, json]): StoredDeadLetter[] => {
      if (messageIds && !messageIds.includes(id)) return [];
      const { failedAt, ...letter } = JSON.parse(json) as DeadLetter & { readonly failedAt: string };
      const at = asked.get(id);
      const redriveRequestedAt = at === undefined ? null : new Date(at);
      return [{ ...letter, failedAt: new Date(failedAt), redriveRequestedAt }];
    });
    return found.toSorted((one, other) => one.failedAt.getTime() - other.failedAt.getTime());
  }

  return {
    async bury(letter) {
      const stored = JSON.stringify({ ...letter, failedAt: new Date().toISOString() });
      await redis.call("HSET", dead, letter.messageId, stored);
      await redis.call("HDEL", requested, letter.messageId);
    },
    async requestedRedrives(_consumer, limit) {
      const asked = await hash(requested);
      if (asked.size === 0) return [];
      const letters = await list({ messageIds: [...asked.keys()] });
      return letters.slice(0, limit);
    },
    listDeadLetters: async (filter, limit) => (await list(filter)).slice(0, limit),
    async countDeadLetters() {
      const count = (await redis.call("HLEN", dead)) as number;
      return count === 0 ? [] : [{ consumer: CONSUMER, count }];
    },
    async requestRedrive(filter) {
      const ids = (await list(filter)).map(({ messageId }) => messageId);
      const at = new Date().toISOString();
      for (const id of ids) await redis.call("HSET", requested, id, at);
      return ids;
    },
  };
}
