import pg from "pg";
import { PostgresError } from "./error.ts";

/** A database with the one role that may connect to it. */
export interface OwnDatabase {
  readonly database: string;
  readonly role: string;
  readonly password: string;
}

/**
 * Makes each database and its role where they are missing, gives the role the password, and closes every database to
 * everybody but its owner: PostgreSQL lets PUBLIC connect unless told otherwise. Again changes nothing.
 *
 * @param adminUrl connection URL of a superuser
 */
export async function provisionDatabases(adminUrl: string, databases: readonly OwnDatabase[]): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect().catch((cause: Error) => {
    throw new PostgresError(`the local PostgreSQL does not let its owner in: ${cause.message}`, { cause });
  });
  const name = (text: string) => client.escapeIdentifier(text);
  try {
    for (const { database, role, password } of databases) {
      const roles = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [role]);
      const verb = roles.rowCount ? "ALTER" : "CREATE";
      await client.query(`${verb} ROLE ${name(role)} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
      const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
      if (!found.rowCount) await client.query(`CREATE DATABASE ${name(database)} OWNER ${name(role)}`);
    }
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname <> 'template0'",
    );
    for (const { datname } of rows) {
      await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name(datname)} FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
}
