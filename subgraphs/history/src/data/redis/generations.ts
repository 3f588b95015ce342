import { v7 as uuidv7 } from "uuid";
import type { HistoryEntry, HistoryHead } from "../../domain/history-change.ts";
import {
  SOURCES,
  type Generation,
  type HistoryStore,
  type Source,
  type SourceProgress,
} from "../history-store.ts";
import type { RedisClient } from "./client.ts";
import { entriesById, PREFIX, rowsOf, toHead } from "./rows.ts";
import { BEGIN, FINISH, READ_BY_ID, RETIRE, SWEEP } from "./scripts.ts";

type Generations = Pick<
  HistoryStore,
  | "generations"
  | "begin"
  | "finish"
  | "retire"
  | "sweep"
  | "headsOf"
  | "entriesOf"
  | "headsById"
  | "entriesById"
>;

const NAMES = Object.keys(SOURCES) as Source[];

/** Makes what is done with whole generations. */
export function createRedisGenerations(redis: RedisClient): Generations {
  const hash = async (key: string) => rowsOf((await redis.call("HGETALL", PREFIX + key)) as string[]);

  async function progress(id: string, source: Source): Promise<SourceProgress> {
    const fields = await hash(`source:${id}:${source}`);
    return {
      source,
      snapshotId: fields.get("snapshotId") ?? "",
      after: fields.get("after") ?? null,
      items: Number(fields.get("items") ?? 0),
      isDone: fields.has("done"),
    };
  }

  /** The ids of a generation's heads or segments after one, in order. */
  async function ids(list: string, after: string | null, limit: number): Promise<readonly string[]> {
    const first = after === null ? "-" : `(${after}`;
    return (await redis.call("ZRANGEBYLEX", PREFIX + list, first, "+", "LIMIT", 0, limit)) as string[];
  }

  async function heads(generation: number, wanted: readonly string[]): Promise<HistoryHead[]> {
    if (wanted.length === 0) return [];
    const reply = await redis.run(READ_BY_ID, PREFIX, generation, "head", ...wanted);
    return (reply as [string, string[]][]).flatMap(([id, fields]) =>
      fields.length === 0 ? [] : [toHead(id, rowsOf(fields))],
    );
  }

  async function entries(generation: number, wanted: readonly string[]): Promise<HistoryEntry[]> {
    if (wanted.length === 0) return [];
    return entriesById(await redis.run(READ_BY_ID, PREFIX, generation, "entry", ...wanted));
  }

  return {
    async generations() {
      const all = (await redis.call("SMEMBERS", `${PREFIX}generations`)) as string[];
      const found = await Promise.all(
        all.map(async (id): Promise<Generation | null> => {
          const fields = await hash(`generation:${id}`);
          const sources = await Promise.all(NAMES.map((source) => progress(id, source)));
          // Meanwhile it may have been given up, and deleted.
          if (fields.size === 0 || sources.some(({ snapshotId }) => snapshotId === "")) return null;
          return {
            id: Number(id),
            purpose: fields.get("purpose") as Generation["purpose"],
            status: fields.get("status") as Generation["status"],
            sources,
          };
        }),
      );
      return found.filter((each) => each !== null).toSorted((one, other) => one.id - other.id);
    },
    begin: async (purpose) => (await redis.run(BEGIN, PREFIX, purpose, uuidv7(), ...NAMES)) as number,
    finish: async (id) => (await redis.run(FINISH, PREFIX, id, ...NAMES)) === 1,
    async retire(id) {
      await redis.run(RETIRE, PREFIX, id);
    },
    sweep: async (limit) => (await redis.run(SWEEP, PREFIX, Math.min(limit, 1_000), ...NAMES)) as number,
    headsOf: async (generation, after, limit) =>
      heads(generation, await ids(`${generation}:heads`, after, limit)),
    entriesOf: async (generation, after, limit) =>
      entries(generation, await ids(`${generation}:entries`, after, limit)),
    headsById: heads,
    entriesById: entries,
  };
}
