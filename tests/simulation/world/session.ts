import type { AdvisoryLocks } from "@tributary/messaging/protocol";
import { StoreUnavailableError } from "@tributary/messaging/protocol";
import type { Database } from "./database.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** The advisory locks of a database, and the sessions that have them. */
export interface LockServer {
  /** Opens a session and keeps it: where it is ended, another one is opened a while later. */
  open(
    process: SimulatedProcess,
    on: { readonly lost: () => void; readonly connected: () => void },
  ): {
    readonly locks: AdvisoryLocks;
    connected(): boolean;
    close(): void;
  };
  /** Ends the session of a process alone. */
  cut(process: SimulatedProcess): void;
  /** Loses the answer to a statement of a process, so many after the next one: it is waited for no longer. */
  loseAnswer(process: SimulatedProcess, after: number): void;
}

interface Session {
  readonly process: SimulatedProcess;
  readonly shards: Set<number>;
  member: boolean;
}

const away = (what: string): Error => new StoreUnavailableError(`the session is lost: ${what}`);

export function createLockServer(database: Database, scheduler: Scheduler): LockServer {
  const sessions = new Set<Session>();
  const ended: ((session: Session) => void)[] = [];
  const toLose = new WeakMap<SimulatedProcess, number>();

  function end(of: (session: Session) => boolean): void {
    for (const session of [...sessions]) {
      if (!of(session)) continue;
      sessions.delete(session);
      for (const listener of [...ended]) listener(session);
    }
  }
  database.onEnd((process) => end((session) => process === undefined || session.process === process));

  return {
    cut: (process) => end((session) => session.process === process),
    loseAnswer: (process, after) => void toLose.set(process, after),
    open(process, on) {
      let session: Session = { process, shards: new Set(), member: false };
      let connected = true;
      let closed = false;
      sessions.add(session);
      const listener = (which: Session): void => {
        if (which !== session || closed) return;
        // The client takes a while to notice, and as long to come back.
        scheduler.after(process.random.next() * 800, () =>
          process.resume(() => {
            connected = false;
            on.lost();
            const reconnect = (): void => {
              if (closed) return;
              if (!process.reaches("database")) {
                scheduler.after(200, () => process.resume(reconnect));
                return;
              }
              session = { process, shards: new Set(), member: false };
              sessions.add(session);
              connected = true;
              on.connected();
            };
            scheduler.after(100 + process.random.next() * 1_000, () => process.resume(reconnect));
          }),
        );
      };
      ended.push(listener);
      const ask = <T>(what: string, act: (own: Session) => T): Promise<T> => {
        const own = session;
        if (!connected) return Promise.reject(away(what));
        return process.step(
          what,
          () => {
            if (!sessions.has(own)) throw away(what);
            const result = act(own);
            const left = toLose.get(process);
            if (left !== undefined) toLose.set(process, left - 1);
            if (left === 0) throw new Error(`${what}: Query read timeout`);
            return result;
          },
          { to: "database", away },
        );
      };
      return {
        connected: () => connected,
        close() {
          closed = true;
          sessions.delete(session);
        },
        locks: {
          join: () => ask("join the relays", (own) => void (own.member = true)),
          look: () =>
            ask("look at the locks", (own) => ({
              members: [...sessions].filter(({ member }) => member).length,
              own: [...own.shards].sort((left, right) => left - right),
              others: new Set([...sessions].flatMap((other) => (other === own ? [] : [...other.shards]))),
            })),
          tryLock: (shard) =>
            ask(`lock shard ${shard}`, (own) => {
              for (const other of sessions) if (other !== own && other.shards.has(shard)) return false;
              own.shards.add(shard);
              return true;
            }),
          unlock: (shard) => ask(`unlock shard ${shard}`, (own) => void own.shards.delete(shard)),
        },
      };
    },
  };
}
