import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createIdentityKey, publicIdentityKey } from "@tributary/subgraph-kit/identity";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "./data-dir.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary-main-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));

/** `npm start -- ...` without npm. */
function run(args: readonly string[], env: Record<string, string> = {}) {
  const script = join(ROOT, "packages/stack/src/main.ts");
  const child = spawn(process.execPath, [script, "--data", dataDir, ...args], {
    env: { ...process.env, NO_COLOR: "1", NODE_ENV: "development", ...env },
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const exit = new Promise<number | null>((done) => child.once("close", done));
  /** Settles when it has printed the text, or has ended without. */
  const prints = async (text: string) => {
    let ended = false;
    void exit.then(() => (ended = true));
    await until(() => said.out.includes(text) || ended);
  };
  return { child, said, exit, prints };
}
const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(50);
};
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a start ends with addresses, tokens and the flagship query's answer; Ctrl-C ends it in order", async () => {
  const { child, said, exit, prints } = run(["--port", "0", "--customers", "10"]);
  await prints("Ctrl-C stops everything.");
  expect(said.err).toBe("");
  expect(said.out).toMatch(/data {8}10 customers, \d+ orders, \d+ payments, generated\n/);
  expect(said.out).toMatch(/Sandbox {5}http:\/\/localhost:\d+\/graphql\n/);
  expect(said.out).toMatch(/Explorer {4}http:\/\/localhost:\d+\/explorer\n/);
  expect(said.out).toMatch(/customer {4}postgresql:\/\/customer@127\.0\.0\.1:\d+\/customer\n/);
  for (const person of ["customer", "support", "finance", "admin"]) {
    expect(said.out).toMatch(new RegExp(`\n${person}\n[\\w-]+\\.[\\w-]+\\.[\\w-]+\n`));
  }
  expect(said.out).toContain("query CustomerWithPaymentHistory(");
  expect(said.out).toMatch(/HTTP 200\n {2}\{\n {4}"data": \{/);
  const passwords = JSON.parse(readFileSync(join(dataDir, "databases.json"), "utf8")) as {
    superuser: string;
  };
  expect(said.out).not.toContain(passwords.superuser);
  const tooWide = said.out
    .split("\n")
    .filter((line) => line.length > 100 && !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(line));
  expect(tooWide).toEqual([]);

  child.kill("SIGINT");
  await prints("stopping");
  child.kill("SIGINT"); // npm passes on what the terminal sent already
  expect(await exit).toBe(0);
  const order = ["gateway", "subgraphs", "databases"].map((what) => said.out.indexOf(`stopping    ${what}`));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order.every((place) => place > 0)).toBe(true);
  expect(existsSync(join(dataDir, "stack.json"))).toBe(false);
  expect(existsSync(join(dataDir, "postgres", "postmaster.pid"))).toBe(false);
});

test("a stack that is killed takes its processes along, and the next start finds everything in order", async () => {
  const first = run(["--port", "0", "--customers", "10"]);
  await first.prints("Ctrl-C stops everything.");
  const ports = [
    ...first.said.out.matchAll(/^ {2}(?:customer|order|payment|history|gateway) +(http:\S+)$/gm),
  ].map(([, url]) => url!);
  expect(ports).toHaveLength(5);
  const postmaster = Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
  const children = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/ +/).map(Number))
    .flatMap(([pid, parent]) => (parent === first.child.pid ? [pid!] : []));
  expect(children.length).toBeGreaterThanOrEqual(ports.length);
  first.child.kill("SIGKILL");
  await until(() => ![postmaster, ...children].some(isAlive));
  for (const url of ports) {
    for (let answers = true; answers; await sleep(50)) {
      answers = await fetch(`${url}/health/live`).then(
        () => true,
        () => false,
      );
    }
  }
  const second = run(["--port", "0"]);
  await second.prints("Ctrl-C stops everything.");
  expect(second.said.out).toContain("data        as it was\n");
  second.child.kill("SIGTERM");
  expect(await second.exit).toBe(0);
});

test("Ctrl-C while it starts undoes what was done", async () => {
  const { child, exit, prints } = run(["--port", "0"]);
  await prints("databases");
  child.kill("SIGINT");
  expect(await exit).toBe(130);
  expect(existsSync(join(dataDir, "postgres", "postmaster.pid"))).toBe(false);
  expect(existsSync(join(dataDir, "lock.json"))).toBe(false);
});

test("in production the local issuer refuses to run", async () => {
  const { said, exit } = run(["--port", "0"], { NODE_ENV: "production" });
  expect(await exit).toBe(1);
  expect(said.err).toMatch(/^error: NODE_ENV is production, where the local issuer does not run/);
  expect(existsSync(join(dataDir, "postgres"))).toBe(false);
});

test("in production with an issuer of one's own it runs: without made-up data, and without tokens", async () => {
  const key = await publicIdentityKey(await createIdentityKey());
  const issuer = createHttpServer((_, response) => response.end(JSON.stringify({ keys: [key] })));
  await once(issuer.listen(0, "127.0.0.1"), "listening");
  const own = {
    GATEWAY_ISSUER: "https://id.example",
    GATEWAY_AUDIENCE: "api",
    GATEWAY_JWKS: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`,
  };
  const { child, said, exit, prints } = run(["--port", "0"], { NODE_ENV: "production", ...own });
  await prints("Ctrl-C stops everything.");
  expect(said.err).toBe("");
  expect(said.out).toContain("data        as it was\n");
  expect(said.out).toContain("issuer      https://id.example\n");
  expect(said.out).toContain("send it with a token of https://id.example\n");
  expect(said.out).not.toMatch(/^eyJ/m);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  issuer.closeAllConnections();
  issuer.close();
});

test("a port that was asked for and is taken is said; so are flags that make no sense", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await until(() => other.listening);
  const { port } = other.address() as { port: number };
  const taken = run(["--port", String(port)]);
  expect(await taken.exit).toBe(1);
  expect(taken.said.err).toContain(`error: port ${port} is taken: choose another with --port`);
  other.close();

  const senseless = run(["--customers", "many"]);
  expect(await senseless.exit).toBe(1);
  expect(senseless.said.err).toContain("It must be a whole number from 1 to 10000000.");
});
