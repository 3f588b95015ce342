import { existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { checkDatabaseUrl } from "@tributary/migrate";
import { provisionDatabases, startPostgres, type PostgresServer } from "@tributary/postgres";
import { z } from "zod";
import { CONTEXTS, databaseVariable, forEachContext, type Context, type PerContext } from "./contexts.ts";
import type { DataDirPaths } from "./data-dir.ts";
import { StackError } from "./error.ts";
import { readJson, writePrivateJson } from "./private-file.ts";

const Passwords = z.object({ superuser: z.string(), roles: z.record(z.string(), z.string()) });

/** The databases of a stack. */
export interface Databases {
  /** Connection URLs, with passwords. */
  readonly urls: PerContext<string>;
  /** The contexts whose databases somebody else runs. */
  readonly external: readonly Context[];
  /** The server that was started for the others; null if there are no others. */
  readonly server: PostgresServer | null;
}

export interface DatabasesOptions {
  readonly paths: DataDirPaths;
  /** Where `CUSTOMER_DATABASE_URL` and its like are looked for. */
  readonly env: NodeJS.ProcessEnv;
  /** More settings of the local server. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly durable: boolean;
  readonly onLog: (line: string) => void;
}

/**
 * Opens the databases that the environment names, and starts a local server for the rest: a database for each context,
 * with a role that can connect to it and to no other.
 *
 * @throws StackError, PostgresError, MigrationError (for a URL that is none)
 */
export async function openDatabases(options: DatabasesOptions): Promise<Databases> {
  const { paths, env, settings = {}, durable, onLog } = options;
  const named = new Map(
    CONTEXTS.flatMap((context) => {
      const variable = databaseVariable(context);
      return env[variable] ? [[context, checkDatabaseUrl(env[variable], variable)] as const] : [];
    }),
  );
  const external = [...named.keys()];
  const local = CONTEXTS.filter((context) => !named.has(context));
  if (local.length === 0)
    return { urls: Object.fromEntries(named) as PerContext<string>, external, server: null };

  const { superuser, roles } = ensurePasswords(paths);
  const server = await startPostgres({
    folder: paths.postgres,
    password: superuser,
    settings,
    durable,
    onLog,
  });
  try {
    await provisionDatabases(
      server.adminUrl(),
      local.map((context) => ({ database: context, role: context, password: roles[context] })),
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
  const urls = await forEachContext(
    async (context) =>
      named.get(context) ?? `postgresql://${context}:${roles[context]}@127.0.0.1:${server.port}/${context}`,
  );
  return { urls, external, server };
}

function ensurePasswords(paths: DataDirPaths): { superuser: string; roles: PerContext<string> } {
  const stored = readJson(paths.passwords);
  if (stored === undefined && existsSync(paths.postgres)) {
    throw new StackError(
      `the passwords of the databases in ${paths.postgres} are gone: restore ${paths.passwords}, ` +
        "or delete both to start with empty databases",
    );
  }
  const known: z.infer<typeof Passwords> =
    stored === undefined ? { superuser: newPassword(), roles: {} } : Passwords.parse(stored);
  const roles = Object.fromEntries(
    CONTEXTS.map((context) => [context, known.roles[context] ?? newPassword()]),
  ) as Record<Context, string>;
  const passwords = { superuser: known.superuser, roles };
  writePrivateJson(paths.passwords, passwords);
  return passwords;
}

/** Safe in a URL as it is. */
function newPassword(): string {
  return randomBytes(24).toString("base64url");
}
