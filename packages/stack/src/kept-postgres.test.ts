import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StackError } from "./error.ts";
import { keepPostgres, type KeptPostgres } from "./kept-postgres.ts";

let parent: string;
let folder: string;
let server: KeptPostgres;
let told: string[];
let lost: PromiseWithResolvers<StackError>;

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), "tributary-kept-"));
  folder = join(parent, "cluster");
  told = [];
  lost = Promise.withResolvers();
  server = await keepPostgres({
    folder,
    password: "p4ss",
    durable: false,
    removeWhenLost: parent,
    onTrouble: (text) => void told.push(text),
    onLost: lost.resolve,
  });
});

afterEach(async () => {
  await server?.stop();
  rmSync(parent, { recursive: true, force: true });
});

const postmaster = () => Number(readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n")[0]);

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.adminUrl() });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Until the server answers, however often it does not. */
async function answered(text: string): Promise<Record<string, unknown>[]> {
  for (;;) {
    try {
      return await query(text);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a server that was killed was never started again", { timeout: 60_000 }, async () => {
  await query("CREATE TABLE kept AS SELECT 7 AS number");
  await query("CHECKPOINT");
  const { port } = server;
  const before = postmaster();
  // A session that is at work notices late that its server is gone, and keeps the folder's memory until then.
  const working = query("SELECT count(*) FROM generate_series(1, 3000000) a").catch(() => null);
  process.kill(before, "SIGKILL");
  expect(await answered("SELECT number FROM kept")).toEqual([{ number: 7 }]);
  await working;
  expect(server.port).toBe(port);
  expect(postmaster()).not.toBe(before);
  expect(told).toEqual([
    "postgres ended (SIGKILL): it is started again",
    `postgres runs again on 127.0.0.1:${port}`,
  ]);
  const last = postmaster();
  await server.stop();
  expect([before, last].filter(isAlive)).toEqual([]);
});

test("one that cannot start any more is given up, with the reason", { timeout: 120_000 }, async () => {
  const pid = postmaster();
  renameSync(join(folder, "global/pg_control"), join(folder, "global/gone"));
  process.kill(pid, "SIGKILL");
  expect((await lost.promise).message).toMatch(/^postgres ends again and again: .*pg_control/s);
  expect(told).toEqual(["postgres ended (SIGKILL): it is started again"]);
  await server.stop();
});

test("stopped while it is being started again, it stays stopped", { timeout: 60_000 }, async () => {
  process.kill(postmaster(), "SIGKILL");
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await server.stop();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(told).toEqual(["postgres ended (SIGKILL): it is started again"]);
  await expect(query("SELECT 1")).rejects.toThrow();
});
