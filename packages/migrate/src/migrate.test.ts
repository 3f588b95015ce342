import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { MigrationError } from "./error.ts";
import { applyMigrations, migrationStatus, resetDatabase, resolveMigration } from "./migrate.ts";
import { addMigration, migrationsOf, useDatabases } from "./test-databases.ts";

const databases = useDatabases();
const INITIAL = "20261120191500_initial";
/** With the first migration alone, whatever comes later. */
const copyOf = (context: string) => databases.copyOf(context, "first");
const NEXT = "20270101000000_notes";

async function faultOf(promise: Promise<unknown>): Promise<MigrationError> {
  const fault: unknown = await promise.then(
    () => "no fault",
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(MigrationError);
  return fault as MigrationError;
}
const states = async (dir: string, url: string) =>
  (await migrationStatus({ dir, url })).map(({ name, state }) => `${name} ${state}`);

describe("applying", () => {
  test.for(["customer", "order", "payment", "history"])(
    "%s: the migrations of the repository apply, once",
    async (context) => {
      const url = await databases.create();
      expect(await applyMigrations({ context, url })).toEqual({ applied: migrationsOf(context) });
      expect(await applyMigrations({ context, url })).toEqual({ applied: [] });
    },
  );

  test("leaves the history that Prisma's CLI leaves: its columns, and the SHA-256 of the file", async () => {
    const dir = copyOf("customer");
    const url = await databases.create();
    await applyMigrations({ dir, url });
    const columns = await databases.query(
      url,
      `SELECT column_name || ' ' || data_type || ' ' || is_nullable AS text FROM information_schema.columns
        WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
    );
    expect(columns.map(({ text }) => text as string)).toEqual([
      "id character varying NO",
      "checksum character varying NO",
      "finished_at timestamp with time zone YES",
      "migration_name character varying NO",
      "logs text YES",
      "rolled_back_at timestamp with time zone YES",
      "started_at timestamp with time zone NO",
      "applied_steps_count integer NO",
    ]);
    const sql = readFileSync(join(dir, "migrations", INITIAL, "migration.sql"));
    expect(await databases.query(url, "SELECT * FROM _prisma_migrations")).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        checksum: createHash("sha256").update(sql).digest("hex"),
        finished_at: expect.any(Date),
        migration_name: INITIAL,
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Date),
        applied_steps_count: 1,
      },
    ]);
  });

  test("what is added to the folder is pending, then applied", async () => {
    const dir = copyOf("order");
    const url = await databases.create();
    await applyMigrations({ dir, url });
    addMigration(dir, NEXT, "CREATE TABLE notes (id INT); COMMENT ON TABLE notes IS 'a; b';");
    expect(await states(dir, url)).toEqual([`${INITIAL} applied`, `${NEXT} pending`]);
    const lines: string[] = [];
    expect(await applyMigrations({ dir, url, log: (line) => lines.push(line) })).toEqual({ applied: [NEXT] });
    expect(lines).toEqual([`order: applied ${NEXT}`]);
    expect(await states(dir, url)).toEqual([`${INITIAL} applied`, `${NEXT} applied`]);
  });

  test("of several migrators at once, one applies", async () => {
    const dir = copyOf("payment");
    const url = await databases.create();
    // Long enough for the others to come while the first is at it.
    addMigration(dir, NEXT, "SELECT pg_sleep(0.5); CREATE TABLE notes (id INT);");
    const results = await Promise.all([1, 2, 3, 4].map(() => applyMigrations({ dir, url })));
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 2]);
    expect(await databases.query(url, "SELECT count(*)::int FROM _prisma_migrations")).toEqual([
      { count: 2 },
    ]);
  });

  test("gives up on a migrator that does not end, with a clear message", async () => {
    const url = await databases.create();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("SELECT pg_advisory_lock(72707369)"); // the key of Prisma's CLI
    const lines: string[] = [];
    const fault = await faultOf(
      applyMigrations({ context: "order", url, lockWaitMs: 300, log: (line) => lines.push(line) }),
    );
    expect(fault.code).toBe("LOCKED");
    expect(lines.join()).toMatch(/^waiting for another migrator of postgresql:\/\/postgres@127/);
    await other.end();
    expect((await applyMigrations({ context: "order", url })).applied).toEqual(migrationsOf("order"));
  });
});

describe("what is refused, and the way out", () => {
  test("a migration that fails leaves nothing of itself, is recorded, and blocks until it is resolved", async () => {
    const dir = copyOf("order");
    const url = await databases.create();
    addMigration(dir, NEXT, "CREATE TABLE notes (id INT);\nSELECT 1/0;");
    addMigration(dir, "20270101000001_later", "CREATE TABLE later (id INT);");
    const fault = await faultOf(applyMigrations({ dir, url }));
    expect(fault.code).toBe("FAILED_MIGRATION");
    expect(fault.message).toContain(
      `migration ${NEXT} was begun and not finished: ERROR: division by zero\n`,
    );
    expect(fault.message).toContain(`npm run db -- resolve order --rolled-back ${NEXT}`);
    expect(await databases.query(url, "SELECT to_regclass('notes') n, to_regclass('later') l")).toEqual([
      { n: null, l: null },
    ]);
    const recorded = `SELECT finished_at, rolled_back_at, logs FROM _prisma_migrations WHERE migration_name = '${NEXT}'`;
    expect(await databases.query(url, recorded)).toEqual([
      { finished_at: null, rolled_back_at: null, logs: expect.stringContaining("division by zero") },
    ]);

    addMigration(dir, NEXT, "CREATE TABLE notes (id INT);"); // the file is right now, which alone changes nothing
    expect((await faultOf(applyMigrations({ dir, url }))).code).toBe("FAILED_MIGRATION");
    await resolveMigration({ dir, url, migration: NEXT, as: "rolled-back" });
    expect(await applyMigrations({ dir, url })).toEqual({ applied: [NEXT, "20270101000001_later"] });
  });

  test("a failed migration that was completed by hand is marked as applied", async () => {
    const dir = copyOf("order");
    const url = await databases.create();
    addMigration(dir, NEXT, "SELECT 1/0;");
    await faultOf(applyMigrations({ dir, url }));
    await resolveMigration({ dir, url, migration: NEXT, as: "applied" });
    expect(await states(dir, url)).toEqual([`${INITIAL} applied`, `${NEXT} applied`]);
    expect(await applyMigrations({ dir, url })).toEqual({ applied: [] });
  });

  test("a migrator that was killed half-way is found by the next one", async () => {
    const dir = copyOf("order");
    const url = await databases.create();
    await applyMigrations({ dir, url });
    addMigration(dir, NEXT, "SELECT 1;");
    await databases.query(
      url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
       VALUES (gen_random_uuid(), 'x', '${NEXT}', now())`,
    );
    expect((await faultOf(applyMigrations({ dir, url }))).code).toBe("FAILED_MIGRATION");
    await resolveMigration({ dir, url, migration: NEXT, as: "rolled-back" });
    expect(await applyMigrations({ dir, url })).toEqual({ applied: [NEXT] });
  });

  test("an edited migration; its new text can be accepted", async () => {
    const dir = copyOf("customer");
    const url = await databases.create();
    await applyMigrations({ dir, url });
    const file = join(dir, "migrations", INITIAL, "migration.sql");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("\n", "\r\n"));
    expect(await applyMigrations({ dir, url })).toEqual({ applied: [] }); // another checkout's line ends are no edit

    writeFileSync(file, `${readFileSync(file, "utf8")}-- one more remark\n`);
    const fault = await faultOf(applyMigrations({ dir, url }));
    expect(fault.code).toBe("EDITED_MIGRATION");
    expect(fault.message).toContain(`migration ${INITIAL} was edited after it was applied`);
    expect(await states(dir, url)).toEqual([`${INITIAL} edited`]);
    await resolveMigration({ dir, url, migration: INITIAL, as: "applied" });
    expect(await applyMigrations({ dir, url })).toEqual({ applied: [] });
  });

  test("a database that is ahead of the folder", async () => {
    const dir = copyOf("customer");
    const url = await databases.create();
    addMigration(dir, NEXT, "CREATE TABLE notes (id INT);");
    await applyMigrations({ dir, url });
    rmSync(join(dir, "migrations", NEXT), { recursive: true });
    const fault = await faultOf(applyMigrations({ dir, url }));
    expect(fault.code).toBe("DATABASE_AHEAD");
    expect(fault.message).toContain(NEXT);
    expect(await states(dir, url)).toEqual([`${INITIAL} applied`, `${NEXT} missing`]);
  });

  test("a database with tables and no history, until its history is said", async () => {
    const dir = copyOf("customer");
    const url = await databases.create();
    await databases.query(url, readFileSync(join(dir, "migrations", INITIAL, "migration.sql"), "utf8"));
    const fault = await faultOf(applyMigrations({ dir, url }));
    expect(fault.code).toBe("NOT_EMPTY");
    expect(fault.message).toContain(`npm run db -- resolve customer --applied ${INITIAL}`);
    await resolveMigration({ dir, url, migration: INITIAL, as: "applied" });
    expect(await applyMigrations({ dir, url })).toEqual({ applied: [] });
  });

  test("what cannot be resolved says why", async () => {
    const dir = copyOf("customer");
    const url = await databases.create();
    await applyMigrations({ dir, url });
    const rolledBack = await faultOf(resolveMigration({ dir, url, migration: INITIAL, as: "rolled-back" }));
    expect(rolledBack.message).toBe(
      `customer: migration ${INITIAL} is applied: only a failed one can be marked as rolled back`,
    );
    const unknown = await faultOf(resolveMigration({ dir, url, migration: "no_such", as: "applied" }));
    expect(unknown.code).toBe("UNKNOWN_MIGRATION");
  });

  test("a folder without its migration.sql, and one that is no context", async () => {
    const dir = copyOf("customer");
    const url = await databases.create();
    rmSync(join(dir, "migrations", INITIAL, "migration.sql"));
    expect((await faultOf(applyMigrations({ dir, url }))).message).toContain("holds no migration.sql");
    expect((await faultOf(applyMigrations({ dir: join(dir, "nowhere"), url }))).code).toBe("BAD_FOLDER");
  });
});

describe("faults of connecting never show a password", () => {
  test.for([
    ["nobody listens", "postgresql://customer:s3cret@127.0.0.1:1/customer", "UNREACHABLE"],
    ["not PostgreSQL's", "mysql://customer:s3cret@127.0.0.1/customer", "BAD_DATABASE_URL"],
    ["no database", "postgresql://customer:s3cret@127.0.0.1", "BAD_DATABASE_URL"],
    ["another schema", "postgresql://customer:s3cret@127.0.0.1/x?schema=other", "BAD_DATABASE_URL"],
    ["no URL", "s3cret", "BAD_DATABASE_URL"],
  ] as const)("%s", async ([, url, code]) => {
    const fault = await faultOf(applyMigrations({ context: "customer", url }));
    expect(fault.code).toBe(code);
    expect(fault.message).not.toContain("s3cret");
  });

  test("a wrong password", async () => {
    const url = new URL(await databases.create());
    url.password = "s3cret";
    const fault = await faultOf(applyMigrations({ context: "customer", url: url.href }));
    expect(fault.message).toMatch(
      /^cannot connect to postgresql:\/\/postgres@127.*: password authentication failed/,
    );
    expect(fault.message).not.toContain("s3cret");
  });
});

test("reset drops everything, and applies all", async () => {
  const url = await databases.create();
  await applyMigrations({ context: "customer", url });
  await databases.query(url, "CREATE TABLE mine (id INT); ALTER SEQUENCE customer_number_seq RESTART 5000");
  expect(await resetDatabase({ context: "customer", url })).toEqual({ applied: migrationsOf("customer") });
  expect(
    await databases.query(url, "SELECT to_regclass('mine') AS mine, nextval('customer_number_seq')"),
  ).toEqual([{ mine: null, nextval: "1001" }]);
  expect(await applyMigrations({ context: "customer", url })).toEqual({ applied: [] });
});
