import sql, { empty, join, raw, type Sql } from "sql-template-tag";
import type { Ordering } from "./cursor.ts";
import type { PageRequest } from "./page.ts";

/** What to page through. */
export interface KeysetSource {
  /** The table's name. Its rows have a column `id`. */
  table: string;
  /** Conditions that must all hold, on unqualified columns of the table. */
  where: readonly Sql[];
}

/** Whose rows to page through: each parent gets a page of its own, all in one statement. */
export interface KeysetParents {
  /** The column, of type uuid, that names the parent. */
  column: string;
  ids: readonly string[];
}

/**
 * One statement that reads one page of a table by keyset: it starts at a position instead of skipping rows, so that a
 * late page costs what the first one does. A row more than the page holds is read, to know whether another page follows.
 */
export function pageSql({ table, where }: KeysetSource, page: PageRequest): Sql {
  return sql`SELECT * FROM ${name(table)} ${all([...where, ...startingAfter(page)])} ${orderBy(page.ordering)} LIMIT ${page.first + 1}`;
}

/**
 * One statement that reads the same page for each of many parents (LATERAL). Rows come parent by parent, in order, with
 * the parent's id in the column `parent_id`.
 */
export function pagesSql({ table, where }: KeysetSource, page: PageRequest, parents: KeysetParents): Sql {
  const ofParent = sql`${name(parents.column)} = parent.id`;
  return sql`SELECT parent.id AS parent_id, page.* FROM unnest(${[...parents.ids]}::uuid[]) WITH ORDINALITY AS parent(id, place) CROSS JOIN LATERAL (SELECT * FROM ${name(table)} ${all([ofParent, ...where, ...startingAfter(page)])} ${orderBy(page.ordering)} LIMIT ${page.first + 1}) AS page ORDER BY parent.place, ${columns(page.ordering, "page")}`;
}

/** One statement that counts, as bigint `count`, the rows on all pages together. */
export function countSql({ table, where }: KeysetSource): Sql {
  return sql`SELECT count(*) AS count FROM ${name(table)} ${all(where)}`;
}

/** The same for each of many parents: rows of `parent_id` and `count`; a parent without rows is left out. */
export function countsSql({ table, where }: KeysetSource, parents: KeysetParents): Sql {
  const ofParents = sql`${name(parents.column)} = ANY(${[...parents.ids]}::uuid[])`;
  return sql`SELECT ${name(parents.column)} AS parent_id, count(*) AS count FROM ${name(table)} ${all([ofParents, ...where])} GROUP BY 1`;
}

/** Only names from our own code may pass, and none that would have to be quoted. */
function name(identifier: string): Sql {
  if (!/^[a-z_][a-z0-9_]*$/.test(identifier)) throw new TypeError(`"${identifier}" is not a plain SQL name`);
  return raw(identifier);
}

function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? empty : sql`WHERE ${join([...conditions], " AND ")}`;
}

/** A row comparison, which an index on (column, id) answers as it stands. */
function startingAfter({ ordering, after }: PageRequest): Sql[] {
  if (!after) return [];
  const past = raw(ordering.direction === "ASC" ? ">" : "<");
  return [
    sql`(${name(ordering.column)}, id) ${past} (${after.value}::text::${name(ordering.type)}, ${after.id}::text::uuid)`,
  ];
}

function columns({ column, direction }: Ordering, of?: string): Sql {
  const table = of ? sql`${name(of)}.` : empty;
  return sql`${table}${name(column)} ${raw(direction)}, ${table}id ${raw(direction)}`;
}

function orderBy(ordering: Ordering): Sql {
  return sql`ORDER BY ${columns(ordering)}`;
}
