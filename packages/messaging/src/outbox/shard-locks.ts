import type { Session } from "../postgres/session.ts";
import { SHARDS } from "./outbox.ts";

/** Which shards a relay holds. */
export interface ShardLocks {
  /** The shards that this session holds now; none once the session is lost. */
  held(): readonly number[];
  /**
   * Takes shards that are free, and gives some up where there are relays that have less, each its share. Not to be
   * called while messages are being published.
   */
  balance(): Promise<void>;
  /** Forgets what was held by a session that is lost. */
  forget(): void;
}

/** The locks of one session: they are lost with it. */
export interface AdvisoryLocks {
  /** Has this session counted as one that takes shards. */
  join(): Promise<void>;
  /** @returns how many sessions have joined, the shards that this session has locked, and those that others have */
  look(): Promise<{
    readonly members: number;
    readonly own: readonly number[];
    readonly others: ReadonlySet<number>;
  }>;
  /** Locks a shard. @returns false where another session has it */
  tryLock(shard: number): Promise<boolean>;
  unlock(shard: number): Promise<void>;
}

/**
 * Makes the locks of a relay: an advisory lock for each shard, held by a session, so that a relay that dies or loses
 * its connection loses its shards with it. Locks of rows (`SKIP LOCKED`) would let two relays publish messages of one
 * aggregate side by side.
 *
 * @param take a share, or all that are free, where one process at a time does it all
 */
export function createShardLocks(locks: AdvisoryLocks, take: "share" | "all"): ShardLocks {
  let held: number[] = [];
  let member = false;

  async function tryLock(shards: readonly number[], limit: number): Promise<number[]> {
    const taken: number[] = [];
    for (const shard of shards) {
      if (taken.length >= limit) break;
      if (await locks.tryLock(shard)) taken.push(shard);
    }
    return taken;
  }

  return {
    held: () => held,
    forget() {
      held = [];
      member = false;
    },
    async balance() {
      if (!member) await locks.join();
      member = true;
      // What the server says: a lock whose answer was lost would be nobody's as long as the session lasts.
      const { members, own, others } = await locks.look();
      const share = take === "all" ? SHARDS : Math.ceil(SHARDS / Math.max(1, members));
      held = own.slice(0, share);
      for (const shard of own.slice(share)) await locks.unlock(shard);
      const free = Array.from({ length: SHARDS }, (_, shard) => shard).filter(
        (shard) => !others.has(shard) && !own.includes(shard),
      );
      held = [...held, ...(await tryLock(free, share - held.length))];
    },
  };
}

/** The first number of the advisory locks; "TRIB" in ASCII. */
const LOCK_CLASS = 0x54524942;
/** The second number of the lock that each relay holds shared, to be counted. */
const MEMBER = -1;

/** A row for each shard that somebody holds, or one without; objid is an unsigned number. */
const COUNT = `
  WITH locks AS (
    SELECT objid::bigint AS id, pid = pg_backend_pid() AS own FROM pg_locks
    WHERE locktype = 'advisory' AND classid = $1::bigint::oid AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  )
  SELECT shard::int AS shard, own, members::int AS members
  FROM (SELECT count(*) AS members FROM locks WHERE id = 4294967295) AS counted
  LEFT JOIN (SELECT id AS shard, own FROM locks WHERE id < ${SHARDS}) AS shards ON true ORDER BY shard`;

interface LockRow {
  readonly shard: number | null;
  readonly own: boolean | null;
  readonly members: number;
}

/** Makes the locks of a session with PostgreSQL. */
export function createSessionLocks(session: Session): AdvisoryLocks {
  return {
    async join() {
      await session.query("SELECT pg_try_advisory_lock_shared($1, $2)", [LOCK_CLASS, MEMBER]);
    },
    async look() {
      const rows = await session.query<LockRow>(COUNT, [LOCK_CLASS]);
      const shardsOf = (mine: boolean): number[] =>
        rows.flatMap(({ shard, own }) => (shard === null || own !== mine ? [] : [shard]));
      return { members: rows[0]?.members ?? 1, own: shardsOf(true), others: new Set(shardsOf(false)) };
    },
    async tryLock(shard) {
      const [row] = await session.query<{ locked: boolean }>(
        "SELECT pg_try_advisory_lock($1, $2) AS locked",
        [LOCK_CLASS, shard],
      );
      return row?.locked ?? false;
    },
    async unlock(shard) {
      await session.query("SELECT pg_advisory_unlock($1, $2)", [LOCK_CLASS, shard]);
    },
  };
}
