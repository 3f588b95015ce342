import { validate as isUuid } from "uuid";
import { invalidCursor } from "../errors/index.ts";

/** An order that a list can be read in: by one column, then by `id`, so that it is total. */
export interface Ordering {
  /** The order's name in the schema, such as `PLACED_AT`. */
  name: string;
  /** The column's name in the database. */
  column: string;
  /** The column's PostgreSQL type. */
  type: "timestamptz" | "bigint" | "text";
  direction: "ASC" | "DESC";
}

/** A place in an ordered list: the row's value of the ordering column, as text, and its id. */
export interface Position {
  value: string;
  id: string;
}

/**
 * Writes a position as an opaque cursor. The ordering is part of it, so that a cursor of another ordering is told
 * apart and not read as nonsense.
 */
export function encodeCursor(ordering: Ordering, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([ordering.name, ordering.direction, value, id])).toString("base64url");
}

/**
 * Reads a cursor back.
 *
 * @throws INVALID_CURSOR where the text was not made by `encodeCursor` for the same ordering
 */
export function decodeCursor(ordering: Ordering, cursor: string): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw invalidCursor();
  }
  if (!Array.isArray(parts) || parts.length !== 4) throw invalidCursor();
  const [name, direction, value, id] = parts as unknown[];
  if (name !== ordering.name || direction !== ordering.direction) throw invalidCursor();
  if (typeof value !== "string" || typeof id !== "string" || !isUuid(id)) throw invalidCursor();
  if (!fits(ordering.type, value)) throw invalidCursor();
  return { value, id };
}

/** Whether PostgreSQL would take the text as a value of the type: a cursor is input like any other. */
function fits(type: Ordering["type"], value: string): boolean {
  switch (type) {
    case "bigint":
      return /^-?\d{1,16}$/.test(value);
    case "timestamptz":
      return isMoment(value);
    case "text":
      return !value.includes("\0");
  }
}

/** As `toISOString` writes it. JavaScript also knows a year 0 and a 30th of February; PostgreSQL knows neither. */
function isMoment(text: string): boolean {
  if (!/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text;
}
