import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@tributary/stack";
import pg from "pg";
import type { Random } from "./random.fixture.ts";
import { CONTEXTS, rowsOf } from "./rest.fixture.ts";
import type { ChaosServers } from "./servers.fixture.ts";

const SERVICES = ["customer", "order", "payment", "history"] as const;
type Victim = (typeof SERVICES)[number] | "gateway" | "postgres";

/** The stack gives a process up that ends more than five times without having run for a minute. */
const MOST_KILLS = 4;
/** It may take a minute until a process is ready again, on a busy machine; then it has to run for another one. */
const REST_MS = 135_000;

/** Longer than a broker lets a message be unsettled (10 s), and a client wait for an answer. */
const STANDSTILL_MS = 12_000;

export interface Faults {
  /**
   * Stops breaking things, once there were at least so many faults and each kind of them, and all that stood still goes on.
   *
   * @returns what was done, in order
   */
  end(least: number): Promise<readonly string[]>;
}

export interface FaultOptions {
  readonly stack: Stack;
  readonly servers: ChaosServers;
  readonly random: Random;
  /** How long the broker is away each time. */
  readonly awayMs: number;
}

/**
 * Breaks something every second or so: processes are killed and stand still, the database freezes or ends, sessions are cut
 * off, the broker is away, messages are published again. No kind of fault comes again before all others were there.
 */
export function startFaults({ stack, servers, random, awayMs }: FaultOptions): Faults {
  const done: string[] = [];
  const standing: Promise<void>[] = [];
  const kills = new Map<Victim, { count: number; at: number }>();
  let least = Infinity;

  const kill = async (victim: Victim, pid: number, signal: NodeJS.Signals): Promise<string> => {
    const before = kills.get(victim);
    const rested = before === undefined || performance.now() - before.at > REST_MS;
    if (!rested && before.count >= MOST_KILLS) return cut();
    kills.set(victim, { count: rested ? 1 : before.count + 1, at: performance.now() });
    signalIfThere(pid, signal);
    return `${signal} ${victim}`;
  };
  const cut = async (): Promise<string> => {
    const sessions = (await sessionsOf(stack)).filter(() => random.next() < 0.4);
    sessions.forEach((pid) => signalIfThere(pid, "SIGTERM"));
    return `cut ${sessions.length} sessions`;
  };
  const freeze = async (): Promise<string> => {
    const pauseMs = random.integer(100, 2_000);
    await standStill([postmaster(stack), ...(await sessionsOf(stack))], pauseMs);
    return `freeze postgres for ${pauseMs} ms`;
  };
  /** To all others it is as if the network had parted; the other faults go on meanwhile. */
  const part = async (): Promise<string> => {
    const service = random.pick(SERVICES);
    standing.push(standStill([stack.subgraphs[service].pid], STANDSTILL_MS));
    return `${service} stands still for ${STANDSTILL_MS} ms`;
  };
  const again = async (): Promise<string> => {
    const count = await publishAgain(stack, 0.3).catch(() => 0); // the server may not run at the moment
    return `publish ${count} messages again`;
  };
  const keepBrokerAway = async (): Promise<string> => {
    await servers.keepBrokerAway(stack, awayMs);
    return `broker away for ${awayMs} ms`;
  };
  const kinds: readonly (() => Promise<string>)[] = [
    ...SERVICES.map((name) => () => kill(name, stack.subgraphs[name].pid, "SIGKILL")),
    () => kill("gateway", stack.gateway!.pid, "SIGKILL"),
    // At once, or after what is under way.
    () => kill("postgres", postmaster(stack), "SIGKILL"),
    () => kill("postgres", postmaster(stack), "SIGINT"),
    ...Object.entries(servers.crashes).map(([name, crash]) => async () => {
      await crash();
      return `SIGKILL ${name}`;
    }),
    cut,
    freeze,
    again,
    keepBrokerAway,
    part,
  ];

  const running = (async () => {
    let deck: (() => Promise<string>)[] = [];
    while (done.length < Math.max(least, kinds.length)) {
      await sleep(random.integer(300, 2_500));
      if (deck.length === 0) deck = [...kinds];
      const [fault] = deck.splice(random.integer(0, deck.length - 1), 1);
      done.push(await fault!());
    }
    await Promise.all(standing);
  })();
  return {
    async end(count) {
      least = count;
      await running;
      return done;
    },
  };
}

/**
 * Has relays publish again what they have published, under the same ids.
 *
 * @param share which part of it, from 0 to 1, drawn by the database
 * @returns how many messages
 */
export async function publishAgain(stack: Stack, share: number): Promise<number> {
  const marked = await Promise.all(
    CONTEXTS.map((context) =>
      rowsOf(
        stack,
        context,
        `UPDATE outbox_messages SET published_at = NULL WHERE published_at IS NOT NULL AND random() < ${share} RETURNING id`,
      ),
    ),
  );
  return marked.flat().length;
}

async function standStill(pids: readonly number[], ms: number): Promise<void> {
  pids.forEach((pid) => signalIfThere(pid, "SIGSTOP"));
  await sleep(ms);
  pids.forEach((pid) => signalIfThere(pid, "SIGCONT"));
}

function postmaster(stack: Stack): number {
  try {
    return Number(readFileSync(join(stack.paths.postgres, "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return 0; // it does not run at the moment
  }
}

/** Pids of the server's sessions; none where it does not run at the moment. */
async function sessionsOf(stack: Stack): Promise<number[]> {
  const client = new pg.Client({ connectionString: stack.adminUrl?.(), connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    return rows.map(({ pid }) => pid);
  } catch {
    return [];
  } finally {
    await client.end().catch(() => {});
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  if (!(pid > 1)) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
