import { startTemporaryPostgres, type PostgresServer } from "@tributary/postgres";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CopyPart } from "./copy-rows.ts";
import { copyRows } from "./copy-rows.ts";
import { fillTables } from "./fill.ts";
import { LoadError, chooseMode, createStaging } from "./load.ts";
import { readStanding } from "./standing.ts";

const seed = Number(process.env["TEST_SEED"]);

interface Item {
  readonly id: number;
  readonly text: string | null;
  readonly parts: readonly string[];
}

const parts: readonly CopyPart<Item>[] = [
  { table: "items", columns: ["id", "text"], rows: ({ id, text }) => [[id, text]] },
  {
    table: "item_parts",
    columns: ["item", "place", "value"],
    rows: ({ id, parts: values }) => values.map((value, place) => [id, place, value]),
  },
];

let server: PostgresServer;
let client: pg.Client;
beforeAll(async () => {
  server = await startTemporaryPostgres();
  client = new pg.Client({ connectionString: server.adminUrl() });
  await client.connect();
  await client.query(
    `CREATE TABLE items (id integer PRIMARY KEY, text text);
     CREATE TABLE item_parts (item integer REFERENCES items (id), place integer, value text)`,
  );
});
beforeEach(() => client.query("TRUNCATE items, item_parts"));
afterAll(async () => {
  await client.end();
  await server.stop();
});

const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, id) => ({ id, text: `item ${id}`, parts: ["a", "b"] }));

describe("copying rows", () => {
  it("brings back what went in, whatever the text and however it is cut into chunks", async () => {
    const anyText = fc.string({
      unit: fc.constantFrom("a", "\\", "\t", "\n", "\r", "N", ".", "é", "😀", '"', "\b"),
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.option(anyText), parts: fc.array(anyText, { maxLength: 3 }) }), {
          maxLength: 20,
        }),
        fc.integer({ min: 1, max: 200 }),
        async (records, chunkSize) => {
          await client.query("TRUNCATE items, item_parts");
          const given = records.map((record, id) => ({ id, ...record }));
          const counts = await copyRows(client, { parts, items: given, chunkSize });
          expect(counts).toEqual([given.length, given.flatMap((item) => item.parts).length]);
          const { rows } = await client.query<Item>(
            `SELECT id, text, (SELECT coalesce(array_agg(value ORDER BY place), '{}') FROM item_parts WHERE item = id) AS parts
               FROM items ORDER BY id`,
          );
          expect(rows).toEqual(given);
        },
      ),
      { seed, numRuns: 100 },
    );
  });

  it("takes no more from the source than two chunks' worth while the database is busy", async () => {
    let taken = 0;
    let most = 0;
    const source = function* (): Generator<Item> {
      for (const item of items(2000)) {
        taken++;
        yield item;
      }
    };
    // What the database has when a chunk begins to be made is all but the chunk that is under way.
    const slow = async function* (): AsyncGenerator<Item> {
      for (const item of source()) {
        const arrived = sent;
        most = Math.max(most, taken - arrived);
        yield item;
      }
    };
    let sent = 0;
    const query = client.query.bind(client);
    const counting: typeof client = Object.create(client) as typeof client;
    Object.assign(counting, {
      query: (stream: { end: (text: string) => void }) => {
        const original = stream.end.bind(stream);
        stream.end = (text) => {
          if (!text.includes("\ta\n") && !text.includes("\tb\n")) sent += text.split("\n").length - 1;
          original(text);
        };
        return query(stream as never);
      },
    });
    await copyRows(counting, { parts, items: slow(), chunkSize: 1000 });
    expect(sent).toBe(2000);
    // An item is some 25 characters.
    expect(most).toBeLessThan(2 * (1000 / 20));
  });

  it("leaves the client in order when the source fails", async () => {
    const failing = function* (): Generator<Item> {
      yield* items(100);
      throw new Error("no more");
    };
    await client.query("BEGIN");
    await expect(copyRows(client, { parts, items: failing(), chunkSize: 100 })).rejects.toThrow("no more");
    await client.query("ROLLBACK");
    expect((await client.query("SELECT FROM items")).rowCount).toBe(0);
  });

  it("tells the database's fault, and not a later one", async () => {
    const twice = [...items(50), ...items(50)];
    await expect(copyRows(client, { parts, items: twice, chunkSize: 100 })).rejects.toThrow("items_pkey");
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });
});

/** Every key and index of the tables, as PostgreSQL words them. */
async function keys(): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(
    `SELECT indexdef AS text FROM pg_indexes WHERE tablename IN ('items', 'item_parts')
      UNION SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE conrelid IN ('items'::regclass, 'item_parts'::regclass) ORDER BY 1`,
  );
  return rows.map(({ text }) => text);
}

describe("filling tables", () => {
  beforeAll(() =>
    client.query(
      `CREATE UNIQUE INDEX items_text_key ON items (text);
       CREATE INDEX items_text_idx ON items (lower(text) DESC, id) WHERE text <> '';
       ALTER TABLE item_parts ADD PRIMARY KEY (item, place), ADD CHECK (place < 100)`,
    ),
  );
  afterAll(() => client.query("DROP INDEX items_text_key"));

  it("works without keys and indexes, and leaves the same ones behind", async () => {
    const before = await keys();
    expect(before.length).toBeGreaterThan(7);
    let during = -1;
    const source = async function* (): AsyncGenerator<Item> {
      during = (await keys()).length;
      yield* items(100);
    };
    await client.query("BEGIN");
    expect(await fillTables(client, { parts, items: source() })).toEqual([100, 200]);
    await client.query("COMMIT");
    expect(await keys()).toEqual(before);
    // What is checked row by row stays, and so do NOT NULLs, which PostgreSQL 18 names as constraints.
    expect(during).toBe(before.filter((key) => /CHECK|_not_null /.test(key)).length);
  });

  it.each([
    ["a key twice", [...items(5), { id: 1, text: "again", parts: [] }], "items_pkey"],
    ["a value twice", [...items(5), { id: 9, text: "item 1", parts: [] }], "items_text_key"],
    ["a part twice", [{ id: 1, text: "x", parts: Array.from({ length: 101 }, () => "y") }], "check"],
  ])("refuses %s, and has all keys again after the transaction", async (_, given, message) => {
    const before = await keys();
    await client.query("BEGIN");
    await expect(fillTables(client, { parts, items: given })).rejects.toThrow(message);
    await client.query("ROLLBACK");
    expect(await keys()).toEqual(before);
  });

  it("refuses a part of nothing", async () => {
    await client.query("BEGIN");
    const orphan: CopyPart<Item> = { ...parts[1]!, rows: ({ id }) => [[id + 1000, 0, "x"]] };
    await expect(fillTables(client, { parts: [parts[0]!, orphan], items: items(3) })).rejects.toThrow(
      "item_parts_item_fkey",
    );
    await client.query("ROLLBACK");
  });

  it("does without where the tables are somebody else's", async () => {
    const before = await keys();
    await client.query("CREATE ROLE guest; GRANT SELECT, INSERT ON items, item_parts TO guest");
    await client.query("BEGIN");
    await client.query("SET LOCAL ROLE guest");
    expect(await fillTables(client, { parts, items: items(10) })).toEqual([10, 20]);
    await client.query("COMMIT");
    expect(await keys()).toEqual(before);
  });
});

describe("how rows come in", () => {
  it("fills what is empty, and merges into what is not", async () => {
    await client.query("BEGIN");
    expect(await chooseMode(client, "items", "auto")).toBe("fill");
    expect(await chooseMode(client, "items", "merge")).toBe("merge");
    await copyRows(client, { parts, items: items(1) });
    expect(await chooseMode(client, "items", "auto")).toBe("merge");
    await expect(chooseMode(client, "items", "fill")).rejects.toThrow(LoadError);
    await client.query("ROLLBACK");
  });

  it("keeps other writers out of what it fills", async () => {
    const other = new pg.Client({ connectionString: server.adminUrl() });
    await other.connect();
    await client.query("BEGIN");
    await chooseMode(client, "items", "fill");
    await other.query("SET lock_timeout = '50ms'");
    await expect(other.query("INSERT INTO items VALUES (1)")).rejects.toThrow("lock timeout");
    expect((await other.query("SELECT FROM items")).rowCount).toBe(0);
    await client.query("ROLLBACK");
    await other.end();
  });

  it("gives each merge an empty table of the same columns, and reads sums beyond 2^53", async () => {
    await client.query("BEGIN");
    await createStaging(client, "items");
    await client.query("INSERT INTO staged_items VALUES (1, 'x')");
    await createStaging(client, "items");
    expect((await client.query("SELECT FROM staged_items")).rowCount).toBe(0);
    const standing = await readStanding(
      client,
      `SELECT n::text AS key, n > 1 AS standing, n = 3 AS changed, n > 2 AS differs,
              9007199254740991 AS given_minor, 9007199254740991 - n AS standing_minor
         FROM generate_series(1, 20) n`,
    );
    await client.query("ROLLBACK");
    expect(standing).toEqual({
      given: 20,
      standing: 19,
      changedSince: 1,
      givenMinor: 20n * (2n ** 53n - 1n),
      standingMinor: 20n * (2n ** 53n - 1n) - 210n,
      differing: ["10", "11", "12", "13", "14", "15", "16", "17", "18", "19"],
    });
  });
});
