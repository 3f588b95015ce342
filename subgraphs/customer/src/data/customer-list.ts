import {
  joinSql,
  momentSql,
  sql,
  type KeysetSource,
  type Ordering,
  type Position,
  type Sql,
} from "@tributary/subgraph-kit";
import type { CustomerRecord, CustomerStatus } from "../domain/customer.ts";
import type { Sight } from "../domain/visibility.ts";

type Maybe<Value> = Value | null | undefined;

/** The filter of the schema. */
export interface CustomerFilter {
  status?: Maybe<readonly CustomerStatus[]>;
  nameContains?: Maybe<string>;
  country?: Maybe<string>;
  createdAt?: Maybe<{ from?: Maybe<Date>; to?: Maybe<Date> }>;
}

export type CustomerOrderField = "NAME" | "NUMBER" | "CREATED_AT";

const orderings = {
  NAME: { column: "name", type: "text", value: ({ name }: CustomerRecord) => name },
  NUMBER: { column: "number", type: "text", value: ({ number }: CustomerRecord) => number },
  CREATED_AT: {
    column: "created_at",
    type: "timestamptz",
    value: ({ createdAt }: CustomerRecord) => createdAt.toISOString(),
  },
} as const;

/** The order that the schema's names stand for. */
export function orderingOf(field: CustomerOrderField, direction: "ASC" | "DESC"): Ordering {
  const { column, type } = orderings[field];
  return { name: field, column, type, direction };
}

/** Where a customer stands in an order. */
export function positionIn(field: CustomerOrderField): (customer: CustomerRecord) => Position {
  return (customer) => ({ value: orderings[field].value(customer), id: customer.id });
}

/** The customers that a filter leaves of those that the caller may see. */
export function customersOf(sight: Sight, filter: CustomerFilter): KeysetSource {
  return { table: "customers", where: [...visible(sight), ...conditions(filter)] };
}

function visible(sight: Sight): Sql[] {
  if (sight.everybody) return [];
  return [sight.customerId === null ? sql`false` : sql`id = ${sight.customerId}::text::uuid`];
}

function conditions({ status, nameContains, country, createdAt }: CustomerFilter): Sql[] {
  // No name and no country has a NUL in it, and PostgreSQL takes no text with one.
  if (nameContains?.includes("\0") || country?.includes("\0")) return [sql`false`];
  const where: Sql[] = [];
  if (status) where.push(status.length > 0 ? sql`status IN (${joinSql(status.map(statusSql))})` : sql`false`);
  if (nameContains != null) where.push(sql`name ILIKE ${`%${escapeLike(nameContains)}%`}::text`);
  if (country != null) where.push(sql`country = ${country}::text`);
  if (createdAt?.from) where.push(sql`created_at >= ${momentSql(createdAt.from)}`);
  if (createdAt?.to) where.push(sql`created_at < ${momentSql(createdAt.to)}`);
  return where;
}

const statusSql = (status: CustomerStatus) => sql`${status}::text::"CustomerStatus"`;

/** Text to be found as it stands, in a LIKE pattern. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
