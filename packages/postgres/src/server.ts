import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serverAccount } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { address, ensureCluster, SUPERUSER } from "./cluster.ts";
import { PostgresError } from "./error.ts";
import { clearLeftOver } from "./left-over.ts";
import { watchOver } from "./watchdog.ts";

export interface PostgresServerOptions {
  /** The cluster's folder; made, with its parents, where it is not there. */
  folder: string;
  /** The superuser's password: that of an existing cluster, or the one that a new cluster gets. */
  password: string;
  /** 0, the default, is any free port. */
  port?: number;
  /** More of the server's settings, such as `{ log_statement: "all" }`. */
  settings?: Readonly<Record<string, string>>;
  /** false: a crash of the machine may cost the data (for tests; faster). */
  durable?: boolean;
  /** A folder to remove where this process is killed, with the server in it. */
  removeWhenLost?: string;
  /** Takes what the server prints, by lines. */
  onLog?: (line: string) => void;
}

export interface PostgresServer {
  readonly port: number;
  /** Whether the cluster was made by this start. */
  readonly created: boolean;
  /** Connection URL of the superuser for a database, with the password. */
  adminUrl(database?: string): string;
  /** Settles when the server's process has ended, whoever ended it, with how: a signal, or `exit code 1`. */
  readonly exited: Promise<string>;
  /** Ends sessions, writes everything down, ends the process. Again is no fault. */
  stop(): Promise<void>;
}

/** Modest, for a laptop that also runs four Node processes. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "128MB",
  max_connections: "100",
  huge_pages: "off",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // Relays may be told by the write-ahead log what was written. A slot that nobody reads from is given up in time, rather
  // than that it fills the disk.
  wal_level: "logical",
  max_slot_wal_keep_size: "1GB",
};
/** A commit is still written at once: readers of the write-ahead log are told what is written, and would wait for it. */
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };
const START_LIMIT_MS = 60_000;

/**
 * Starts PostgreSQL from npm on 127.0.0.1, making the cluster first where there is none. The server ends with this
 * process, also where that is killed; one that was left in the folder all the same is stopped first. The process is in a group of its own, so that Ctrl-C at a terminal
 * does not end it before those that use it.
 *
 * @throws PostgresError with the server's own words where it does not start
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const {
    password,
    port = 0,
    settings = {},
    durable = true,
    removeWhenLost = "",
    onLog = () => {},
  } = options;
  const folder = resolve(options.folder);
  const account = serverAccount(folder);
  const binaries = findBinaries(account);
  const created = await ensureCluster(folder, { binaries, account, password, durable });
  await clearLeftOver(folder);
  const { cwd, name } = address(folder, account);

  for (let attempt = 1; ; attempt++) {
    const chosen = port || (await freePort());
    const flags = Object.entries({
      ...SETTINGS,
      ...(durable ? {} : NOT_DURABLE),
      ...settings,
      port: String(chosen),
    });
    const child = spawn(
      binaries.postgres,
      ["-D", name, ...flags.flatMap(([setting, value]) => ["-c", `${setting}=${value}`])],
      {
        cwd,
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
        ...account,
      },
    );
    const lines = collectLines(child, onLog);
    const exited = new Promise<string>((done) => {
      child
        .once("close", (code, signal) => done(signal ?? `exit code ${code}`))
        .once("error", (error) => done(error.message));
    });
    if (child.pid !== undefined) void exited.then(watchOver(child.pid, removeWhenLost));
    if (await becomesReady(child, folder)) {
      return {
        port: chosen,
        created,
        adminUrl: (database = "postgres") =>
          `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${chosen}/${database}`,
        exited,
        stop: () => stop(child, exited),
      };
    }
    await exited;
    // Sessions of a server that was killed end by themselves, the later the busier they are. PostgreSQL says that it
    // must not start before.
    if (attempt < 60 && lines.some((line) => line.includes("pre-existing shared memory block"))) {
      await sleep(500);
      continue;
    }
    // A free port may be taken between the asking and the binding.
    if (port === 0 && attempt < 5 && lines.some((line) => line.includes("could not bind"))) continue;
    throw new PostgresError(`PostgreSQL did not start:\n${lines.slice(-8).join("\n")}`);
  }
}

/** The server says in its own file when it takes connections. */
async function becomesReady(child: ChildProcess, folder: string): Promise<boolean> {
  const file = join(folder, "postmaster.pid");
  for (let waited = 0; waited < START_LIMIT_MS; waited += 20) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return false;
    const lines = readOrEmpty(file).split("\n");
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === "ready") return true;
    await sleep(20);
  }
  child.kill("SIGQUIT");
  return false;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Fast shutdown first; a server that hangs is told to drop everything, which its log makes good at the next start. */
async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    await exited;
    return;
  }
  child.kill("SIGINT");
  const hurry = setTimeout(() => child.kill("SIGQUIT"), 15_000);
  await exited;
  clearTimeout(hurry);
}

/** Keeps the last lines and hands each one on. */
function collectLines(child: ChildProcess, onLog: (line: string) => void): string[] {
  const lines: string[] = [];
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > 50) lines.shift();
    onLog(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      parts.forEach(take);
    });
  }
  child.on("error", (error) => take(error.message));
  return lines;
}

/** @returns a port of 127.0.0.1 that was free a moment ago */
function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
