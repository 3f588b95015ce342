/** What a column can be given: text, a number, a time, or NULL. JSON goes in as text. */
export type CopyValue = string | number | bigint | boolean | Date | null;

const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * One row in the text format of COPY (PostgreSQL manual, "COPY", "Text Format"), with its line end.
 *
 * Times are written in UTC with milliseconds. A NUL character cannot be kept by PostgreSQL and is refused by it.
 */
export function copyLine(values: readonly CopyValue[]): string {
  let line = "";
  for (let index = 0; index < values.length; index++) {
    if (index > 0) line += "\t";
    line += copyField(values[index] as CopyValue);
  }
  return line + "\n";
}

function copyField(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") {
    return special.test(value)
      ? value.replaceAll(/[\\\t\n\r]/g, (character) => escapes[character] as string)
      : value;
  }
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
