import { MigrationError } from "./error.ts";

/**
 * Checks a connection URL as far as that goes without connecting.
 *
 * @param source where it comes from, for the message: `CUSTOMER_DATABASE_URL`
 * @returns the URL, unchanged
 * @throws MigrationError BAD_DATABASE_URL; the message does not repeat the URL, which may hold a password
 */
export function checkDatabaseUrl(url: string, source = "the database URL"): string {
  const fault = (what: string) =>
    new MigrationError(
      "BAD_DATABASE_URL",
      `${source} ${what}: write postgresql://user:password@host:5432/database`,
    );
  const parsed = URL.parse(url);
  if (!parsed) throw fault("is not a URL");
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw fault(`is not PostgreSQL's, but ${parsed.protocol}//`);
  if (parsed.pathname.length < 2) throw fault("names no database");
  const schema = parsed.searchParams.get("schema");
  if (schema && schema !== "public")
    throw fault("asks for a schema other than public, which is not supported");
  return url;
}

/** The URL as it may be printed: without the password and the parameters. */
export function describeDatabase(url: string): string {
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol.startsWith("postgres") ? "postgresql:" : protocol}//${username && `${username}@`}${host}${pathname}`;
}
