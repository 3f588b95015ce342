import { randomUUID } from "node:crypto";
import pg from "pg";
import sql, { type Sql } from "sql-template-tag";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestDatabase, type TestDatabase } from "../database.fixture.ts";
import type { Ordering } from "./cursor.ts";
import { countSql, countsSql, pageSql, pagesSql } from "./keyset-sql.ts";
import type { PageRequest } from "./page.ts";

interface Row {
  id: string;
  owner_id: string;
  text: string;
  amount: string;
  moment: Date;
}

let database: TestDatabase;
let client: pg.Client;

const owners = Array.from({ length: 4 }, () => randomUUID());
/** Values repeat, so that there are ties for the id to part; amounts go to the edges of what JSON carries. */
const rows: Row[] = Array.from({ length: 60 }, (_, index) => ({
  id: randomUUID(),
  owner_id: owners[Math.floor(index / 10) % 3]!,
  text: ["", "a", "B", "é", "'", "\\", "😀", "\uffee"][index % 8]!,
  amount: ["-9007199254740991", "9007199254740991", "9007199254740990", "0", "10", "9"][index % 6]!,
  moment: new Date(Date.UTC(2024, 0, 1 + (index % 5), 0, 0, 0, index % 2)),
}));

beforeAll(async () => {
  database = await startTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    "CREATE TABLE things (id uuid PRIMARY KEY, owner_id uuid, text text, amount bigint, moment timestamptz(3)); CREATE INDEX ON things (amount, id); CREATE INDEX ON things (owner_id, amount, id)",
  );
  await client.query("INSERT INTO things SELECT * FROM jsonb_populate_recordset(NULL::things, $1)", [
    JSON.stringify(rows),
  ]);
});

afterAll(async () => {
  await client?.end();
  await database?.stop();
});

const run = async <Result extends object>(statement: Sql): Promise<Result[]> =>
  (await client.query<Result>(statement)).rows;

const bytes = (text: string) => Buffer.from(text);
const compare: Record<string, (a: Row, b: Row) => number> = {
  text: (a, b) => Buffer.compare(bytes(a.text), bytes(b.text)),
  amount: (a, b) => Number(BigInt(a.amount) - BigInt(b.amount)),
  moment: (a, b) => a.moment.getTime() - b.moment.getTime(),
};
const valueOf = (row: Row, column: string) =>
  column === "moment" ? row.moment.toISOString() : row[column as "text" | "amount"];

const orderings: Ordering[] = (
  [
    ["text", "text"],
    ["amount", "bigint"],
    ["moment", "timestamptz"],
  ] as const
).flatMap(([column, type]) =>
  (["ASC", "DESC"] as const).map((direction) => ({ name: column.toUpperCase(), column, type, direction })),
);

function inOrder(of: readonly Row[], { column, direction }: Ordering): string[] {
  const sign = direction === "ASC" ? 1 : -1;
  return of
    .toSorted((a, b) => sign * (compare[column]!(a, b) || Buffer.compare(bytes(a.id), bytes(b.id))))
    .map(({ id }) => id);
}

const source = { table: "things", where: [] };

describe.each(orderings)("by $column $direction", (ordering) => {
  test("one page after another is the whole list, each row once", async () => {
    const read: string[] = [];
    let after: PageRequest["after"] = null;
    for (;;) {
      const page: Row[] = await run<Row>(pageSql(source, { first: 7, ordering, after }));
      read.push(...page.slice(0, 7).map(({ id }) => id));
      if (page.length <= 7) break;
      const last = page[6]!;
      after = { value: valueOf(last, ordering.column), id: last.id };
    }
    expect(read).toEqual(inOrder(rows, ordering));
  });

  test("a page for each of many parents is what each one alone gives", async () => {
    const parents = { column: "owner_id", ids: [owners[2]!, owners[3]!, owners[0]!] };
    const [first] = inOrder(rows, ordering);
    const start = rows.find(({ id }) => id === first)!;
    for (const after of [null, { value: valueOf(start, ordering.column), id: start.id }]) {
      const page = { first: 3, ordering, after };
      const found = await run<Row & { parent_id: string }>(pagesSql(source, page, parents));
      const each: Row[] = [];
      for (const owner of parents.ids) {
        each.push(...(await run<Row>(pageSql({ ...source, where: [sql`owner_id = ${owner}::uuid`] }, page))));
      }
      expect(found).toEqual(each.map((row) => ({ parent_id: row.owner_id, ...row })));
      // Four of one owner, none of the one who has none, four of another: one row too many says that more follow.
      expect(found).toHaveLength(8);
    }
  });
});

const byAmount = orderings.find(({ name, direction }) => name === "AMOUNT" && direction === "ASC")!;

test("conditions all hold, in pages and in counts", async () => {
  const where = [sql`amount > ${0}`, sql`text <> ${"a"}`];
  const fitting = rows.filter(({ amount, text }) => BigInt(amount) > 0n && text !== "a");
  const page = await run<Row>(
    pageSql({ table: "things", where }, { first: 100, ordering: byAmount, after: null }),
  );
  expect(page.map(({ id }) => id)).toEqual(inOrder(fitting, byAmount));
  expect(await run(countSql({ table: "things", where }))).toEqual([{ count: String(fitting.length) }]);

  const counts = await run<{ parent_id: string; count: string }>(
    countsSql({ table: "things", where }, { column: "owner_id", ids: owners }),
  );
  expect(Object.fromEntries(counts.map(({ parent_id, count }) => [parent_id, Number(count)]))).toEqual(
    Object.fromEntries(
      owners.slice(0, 3).map((owner) => [owner, fitting.filter(({ owner_id }) => owner_id === owner).length]),
    ),
  );
});

test("without parents there are no pages, and no error", async () => {
  const nobody = { column: "owner_id", ids: [] };
  const page = { first: 3, ordering: byAmount, after: null };
  expect(await run(pagesSql(source, page, nobody))).toEqual([]);
  expect(await run(countsSql(source, nobody))).toEqual([]);
});

test("a late page starts at its place in the index: nothing is skipped over", async () => {
  const late = { first: 3, ordering: byAmount, after: { value: "10", id: randomUUID() } };
  await client.query("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off");
  try {
    for (const statement of [
      pageSql(source, late),
      pagesSql(source, late, { column: "owner_id", ids: owners }),
    ]) {
      const plan = await run<{ "QUERY PLAN": string }>(sql`EXPLAIN ${statement}`);
      const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
      expect(text).toMatch(/Index Cond: .*ROW\(amount, id\) > ROW\(/);
      expect(text).not.toContain("Filter:");
    }
  } finally {
    await client.query("RESET ALL");
  }
});

test.each(["things; DROP TABLE things", 'a"b', "Things", "", "1a"])("%j is no name for SQL", (table) => {
  expect(() => countSql({ table, where: [] })).toThrow(TypeError);
});
