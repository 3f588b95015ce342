/** Statements beyond these are sent unnamed: what is put together anew each time would fill the server's memory. */
const LIMIT = 500;
const names = new Map<string, string>();

/**
 * Names a statement, so that node-postgres prepares it once for each connection.
 *
 * @returns the same name for the same text; undefined for those that came after the first 500
 */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= LIMIT) return known;
  const name = `tributary_${names.size}`;
  names.set(text, name);
  return name;
}
