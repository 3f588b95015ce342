import pg from "pg";
import { backoff } from "../backoff.ts";
import { systemClock } from "../clock.ts";

export interface SessionOptions {
  readonly url: string;
  /** What the database shows as `application_name`. */
  readonly name: string;
  /** Channels of NOTIFY to listen to. */
  readonly listen: readonly string[];
  readonly onNotice: (channel: string, payload: string) => void;
  /** Told when a session begins, the first one and each after a loss: what was told in between is lost. */
  readonly onConnect: () => void;
  readonly onLost: (error: Error) => void;
}

/** A connection that is kept for what belongs to a session: advisory locks and LISTEN. */
export interface Session {
  /** Runs a statement in it; rejects while there is none. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Whether there is a session at the moment. */
  connected(): boolean;
  close(): Promise<void>;
}

/** How often it is made sure that the other end is there. */
const HEARTBEAT_MS = 5_000;
const RETRY = { baseMs: 100, capMs: 2_000 };

/** Opens a session and keeps it: where it breaks, another one is opened. Settles at once; `onConnect` tells more. */
export function openSession(options: SessionOptions): Session {
  const stopping = new AbortController();
  let client: pg.Client | undefined;

  async function connect(): Promise<{ client: pg.Client; lost: Promise<Error> }> {
    const next = new pg.Client({
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: HEARTBEAT_MS,
      // A heartbeat that is not answered ends the session, and with it the locks.
      query_timeout: HEARTBEAT_MS,
    });
    const lost = new Promise<Error>((tell) => {
      next.on("error", tell);
      next.on("end", () => tell(new Error("the session ended")));
    });
    next.on("notification", ({ channel, payload = "" }) => options.onNotice(channel, payload));
    try {
      await next.connect();
      for (const channel of options.listen) await next.query(`LISTEN ${next.escapeIdentifier(channel)}`);
    } catch (error) {
      await next.end().catch(() => {});
      throw error;
    }
    return { client: next, lost };
  }

  async function watch(current: pg.Client, lost: Promise<Error>): Promise<Error | undefined> {
    for (;;) {
      const over = new AbortController();
      const signal = AbortSignal.any([over.signal, stopping.signal]);
      const error = await Promise.race([lost, systemClock.sleep(HEARTBEAT_MS, signal)]);
      over.abort();
      if (error || stopping.signal.aborted) return error ?? undefined;
      try {
        await current.query("SELECT 1");
      } catch (failure) {
        return failure as Error;
      }
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        const { client: current, lost } = await connect();
        failures = 0;
        client = current;
        options.onConnect();
        const error = await watch(current, lost);
        client = undefined;
        if (error) options.onLost(error);
        await end(current);
      } catch (error) {
        failures += 1;
        if (failures === 1) options.onLost(error as Error);
        await systemClock.sleep(backoff(failures, RETRY, systemClock), stopping.signal);
      }
    }
  }
  const running = run();

  return {
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      if (!client) throw new Error("there is no session with the database");
      return (await client.query<Row>(text, [...values])).rows;
    },
    connected: () => client !== undefined,
    async close() {
      stopping.abort();
      await running;
    },
  };
}

/** Ends a connection; one whose other end is gone is dropped, as nobody would answer. */
async function end(client: pg.Client): Promise<void> {
  const over = new AbortController();
  await Promise.race([client.end().catch(() => {}), systemClock.sleep(1_000, over.signal)]);
  over.abort();
}
