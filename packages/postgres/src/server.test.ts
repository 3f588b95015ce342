import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hydrateSymlinks } from "./binaries.ts";
import { provisionDatabases } from "./databases.ts";
import { isAlive } from "./left-over.ts";
import { startPostgres, type PostgresServer } from "./server.ts";
import { startTemporaryPostgres } from "./temporary.ts";

let folder: string;
const running: PostgresServer[] = [];

beforeEach(() => {
  // Of mode 0700, like /root: where root runs the tests, the server's account cannot walk through it.
  folder = join(mkdtempSync(join(tmpdir(), "tributary-test-")), "with a space");
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<PostgresServer> {
  const server = await startPostgres({ folder, password: "p'ss %w", durable: false, ...options });
  running.push(server);
  return server;
}

async function ask(url: string, sql: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows as unknown[][];
  } finally {
    await client.end();
  }
}
const postmasterOf = (dir: string) =>
  Number(readFileSync(join(dir, "postmaster.pid"), "utf8").split("\n")[0]);
const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(50);
};

test("a cluster is made once, and keeps what is in it", async () => {
  const first = await start();
  expect(first.created).toBe(true);
  expect(await ask(first.adminUrl(), "SELECT version()")).toEqual([
    [expect.stringMatching(/^PostgreSQL 18\./)],
  ]);
  await ask(first.adminUrl(), "CREATE TABLE kept (id INT); INSERT INTO kept VALUES (7)");
  await first.stop();
  await first.stop();
  const second = await start();
  expect(second.created).toBe(false);
  expect(await ask(second.adminUrl(), "SELECT id FROM kept")).toEqual([[7]]);
});

test("text sorts by code point, and folds the case of more than ASCII", async () => {
  const server = await start();
  const [[sorted], [found]] = (await ask(
    server.adminUrl(),
    `SELECT string_agg(t, ' ' ORDER BY t) FROM unnest(ARRAY['b','A','ä','a','Z']) AS t
     UNION ALL SELECT ('Königlich' ILIKE '%KÖNIG%')::text`,
  )) as [[string], [string]];
  expect({ sorted, found }).toEqual({ sorted: "A Z a b ä", found: "true" });
});

test("settings are the server's", async () => {
  const server = await start({ settings: { work_mem: "9MB" } });
  expect(await ask(server.adminUrl(), "SHOW work_mem")).toEqual([["9MB"]]);
});

test("nobody gets in without the password", async () => {
  const server = await start();
  const url = new URL(server.adminUrl());
  url.password = "";
  await expect(ask(url.href, "SELECT 1")).rejects.toThrow(/password/);
});

describe("a role", () => {
  const databases = [
    { database: "customer", role: "customer", password: "c" },
    { database: "order", role: "order", password: "o" },
  ];
  const url = (server: PostgresServer, role: string, database: string) =>
    `postgresql://${role}:${role[0]}@127.0.0.1:${server.port}/${database}`;

  test("connects to its own database, where it may make tables, and to no other", async () => {
    const server = await start();
    await provisionDatabases(server.adminUrl(), databases);
    await provisionDatabases(server.adminUrl(), databases); // again changes nothing
    await ask(url(server, "order", "order"), "CREATE TABLE secrets (id INT)");
    await ask(url(server, "customer", "customer"), "CREATE TABLE customers (id INT)");
    for (const other of ["order", "postgres", "template1"]) {
      await expect(ask(url(server, "customer", other), "SELECT 1")).rejects.toThrow(
        `permission denied for database "${other}"`,
      );
    }
    await expect(ask(url(server, "customer", "template0"), "SELECT 1")).rejects.toThrow();
  });

  test("is no superuser, makes no databases and no roles, and is in no other role", async () => {
    const server = await start();
    await provisionDatabases(server.adminUrl(), databases);
    expect(
      await ask(
        server.adminUrl(),
        `SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
                (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid)
           FROM pg_roles r WHERE rolname IN ('customer', 'order') ORDER BY 1`,
      ),
    ).toEqual([
      ["customer", false, false, false, false, false, 0],
      ["order", false, false, false, false, false, 0],
    ]);
  });
});

describe("left-overs", () => {
  test("a server whose owner was killed ends, and its temporary folder goes", async () => {
    const script = `import { startTemporaryPostgres } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
      await startTemporaryPostgres({ onLog: (line) => console.log(line) }); console.log("started");`;
    const env = { ...process.env, TMPDIR: folder };
    mkdirSync(folder);
    const args = ["--input-type=module", "-e", script];
    const owner = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    owner.stdout.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
    await until(() => said.includes("started\n"));
    const pid = Number(/\[(\d+)\] LOG:\s+starting PostgreSQL/.exec(said)?.[1]);
    expect({ alive: isAlive(pid), folders: temporaryIn(folder) }).toEqual({ alive: true, folders: 1 });
    owner.kill("SIGKILL");
    await until(() => !isAlive(pid) && temporaryIn(folder) === 0);
  });

  test("a server that still runs in the folder is stopped first", async () => {
    const first = await start();
    const pid = postmasterOf(folder);
    const second = await start();
    await first.exited;
    expect(isAlive(pid)).toBe(false);
    expect(await ask(second.adminUrl(), "SELECT 1")).toEqual([[1]]);
  });

  test("a postmaster.pid that names another program does not count", async () => {
    await (await start()).stop();
    writeFileSync(join(folder, "postmaster.pid"), `${process.pid}\n${folder}\n`);
    expect(await ask((await start()).adminUrl(), "SELECT 1")).toEqual([[1]]);
  });

  test("a cluster whose making was cut short is made anew", async () => {
    mkdirSync(`${folder}.new/base`, { recursive: true });
    writeFileSync(`${folder}.new/PG_VERSION`, "18\n");
    expect((await start()).created).toBe(true);
    expect(existsSync(`${folder}.new`)).toBe(false);
  });
});

describe("what is refused, and why", () => {
  test("a cluster of another major version", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "PG_VERSION"), "17\n");
    await expect(start()).rejects.toThrow(
      /is PostgreSQL 17's, and this release brings 18: move the folder away/,
    );
  });

  test("a folder of something else", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "thesis.txt"), "");
    await expect(start()).rejects.toThrow(/neither empty nor a PostgreSQL cluster/);
    expect(existsSync(join(folder, "thesis.txt"))).toBe(true);
  });

  test("a setting that there is not: in the server's own words", async () => {
    await expect(start({ settings: { no_such_setting: "1" } })).rejects.toThrow(
      /unrecognized configuration parameter/,
    );
  });

  test("another password than the cluster's", async () => {
    await (await start()).stop();
    const server = await start({ password: "forgotten" });
    await expect(provisionDatabases(server.adminUrl(), [])).rejects.toThrow(
      /does not let its owner in: password/,
    );
  });
});

test("symbolic links that npm's packages cannot hold are made where they are missing", () => {
  const root = join(folder, "package");
  mkdirSync(join(root, "native/lib"), { recursive: true });
  writeFileSync(join(root, "native/lib/libpq.so.5.18"), "library");
  const links = ["libpq.so", "libpq.so.5"].map((name) => ({
    source: "native/lib/libpq.so.5.18",
    target: `native/lib/${name}`,
  }));
  writeFileSync(join(root, "native/pg-symlinks.json"), JSON.stringify(links));
  hydrateSymlinks(root);
  hydrateSymlinks(root);
  const moved = join(folder, "moved");
  cpSync(root, moved, { recursive: true, verbatimSymlinks: true });
  rmSync(root, { recursive: true });
  expect(readFileSync(join(moved, "native/lib/libpq.so.5"), "utf8")).toBe("library");
});

test.runIf(process.getuid?.() === 0)(
  "as root, under a folder that nobody else may enter, it runs as another account",
  async () => {
    chmodSync(join(folder, ".."), 0o700);
    await start();
    const owner = execFileSync("stat", ["-c", "%u", `/proc/${postmasterOf(folder)}`], { encoding: "utf8" });
    expect(Number(owner)).not.toBe(0);
  },
);

test("temporary servers run side by side, and leave nothing", async () => {
  mkdirSync(folder);
  vi.stubEnv("TMPDIR", folder);
  const servers = await Promise.all([startTemporaryPostgres(), startTemporaryPostgres()]);
  expect(new Set(servers.map(({ port }) => port)).size).toBe(2);
  expect(temporaryIn(folder)).toBe(2);
  await Promise.all(servers.map((server) => server.stop()));
  expect(temporaryIn(folder)).toBe(0);
});

/** How many temporary servers have their folder there. */
function temporaryIn(dir: string): number {
  return readdirSync(dir).filter((name) => /^tributary-postgres-\w{6}$/.test(name)).length;
}
