const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads an id as it came from outside.
 *
 * @returns the UUID in lower case, as the database writes it; null where the value is none, so that nothing can have it
 */
export function parseId(value: unknown): string | null {
  return typeof value === "string" && uuid.test(value) ? value.toLowerCase() : null;
}
