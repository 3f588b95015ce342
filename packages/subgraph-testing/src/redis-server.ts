import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Whether there is a Redis server on this machine; it is no part of the repository. */
export const hasRedisServer = spawnSync("redis-server", ["--version"]).status === 0;

/** What a test that needs one says of itself where there is none. */
export const withoutRedisServer = "left out: needs redis-server";

export interface TestRedisServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it: SIGTERM, or as a crash does. What it has on its disk stays. */
  halt(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a server on any free port of this machine, in a folder of its own.
 *
 * @param fsync when a change is written to the disk; `no` keeps nothing on it
 */
export async function startRedisServer(fsync: "always" | "everysec" | "no" = "no"): Promise<TestRedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-redis-"));
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  const durable = fsync === "no" ? [] : ["--appendonly", "yes", "--appendfsync", fsync];
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
    child = spawn("redis-server", [...place, ...durable], { stdio: "ignore" });
    for (let attempt = 0; attempt < 500; attempt++) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with code ${child.exitCode}`);
      if (await answers(port)) return;
      await sleep(20);
    }
    throw new Error("redis-server does not answer");
  }
  async function halt(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    halt,
    async stop() {
      await halt("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One that still loads its data says so, and is not there yet. */
function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.on("data", (reply) => {
      socket.destroy();
      done(reply.toString().startsWith("+PONG"));
    });
    socket.on("error", () => done(false));
  });
}
