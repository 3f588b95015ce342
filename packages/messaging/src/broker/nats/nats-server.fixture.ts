import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager, type StreamAPI } from "@nats-io/jetstream";
import { connect as connectToNats } from "@nats-io/transport-node";

/** Whether there is a NATS server on this machine; it is no part of the repository. */
export const hasNatsServer = spawnSync("nats-server", ["--version"]).status === 0;

export interface TestNatsServer {
  readonly url: string;
  /** 0 while it does not run. */
  readonly pid: number;
  start(): Promise<void>;
  /** Ends it: SIGTERM, or as a crash does. Its data stays. */
  halt(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Makes all streams that are there take repetitions: within 100 ms alone, the least it knows, they are dropped still. */
  takeRepetitions(): Promise<void>;
  /** How many messages its streams have ever stored. */
  stored(): Promise<number>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

/** Tells whether the nats-server of this machine is older than 2.10. */
const isBefore210 = () =>
  /v2\.\d\./.test(spawnSync("nats-server", ["--version"], { encoding: "utf8" }).stdout);
const SHIPPED = fileURLToPath(new URL("../../../../../deploy/nats/nats.conf", import.meta.url));

/**
 * Starts a server with the configuration that is shipped, on any free port of this machine, in a folder of its own.
 */
export async function startNatsServer(): Promise<TestNatsServer> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-nats-"));
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  const config = join(folder, "nats.conf");
  writeFileSync(
    config,
    readFileSync(SHIPPED, "utf8")
      .replace(/^listen: .*$/m, `listen: "127.0.0.1:${port}"`)
      .replace(/^http: .*$/m, "")
      // Debian's server is older than the setting.
      .replace(/^ *sync_interval: .*$/m, isBefore210() ? "" : "$&")
      .replace('"/data/jetstream"', JSON.stringify(join(folder, "data"))),
  );
  probe.close();
  await once(probe, "close");
  const url = `nats://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn("nats-server", ["-c", config], { stdio: "ignore" });
    for (let attempt = 0; attempt < 500; attempt++) {
      if (child.exitCode !== null) throw new Error(`nats-server ended with code ${child.exitCode}`);
      if (await listens(port)) return;
      await sleep(20);
    }
    throw new Error("nats-server does not listen");
  }
  async function halt(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  async function withStreams<Result>(use: (streams: StreamAPI) => Promise<Result>): Promise<Result> {
    const connection = await connectToNats({ servers: url });
    try {
      return await use((await jetstreamManager(connection)).streams);
    } finally {
      await connection.close();
    }
  }
  await start();
  return {
    url,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    halt,
    takeRepetitions: () =>
      withStreams(async (streams) => {
        for await (const name of streams.names())
          await streams.update(name, { duplicate_window: 100_000_000 });
      }),
    stored: () =>
      withStreams(async (streams) => {
        let sum = 0;
        for await (const { state } of streams.list()) sum += state.last_seq;
        return sum;
      }),
    async stop() {
      await halt("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => done(false));
  });
}
