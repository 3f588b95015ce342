import sql, { type Sql } from "sql-template-tag";

/**
 * A moment to compare columns with. RFC 3339 can write the year 0, and by its offsets the year 10000, which PostgreSQL
 * does not read: nothing of ours is that old or that far away.
 */
export function momentSql(at: Date): Sql {
  const year = at.getUTCFullYear();
  const text = year < 1 ? "-infinity" : year > 9999 ? "infinity" : at.toISOString();
  return sql`${text}::text::timestamptz`;
}
