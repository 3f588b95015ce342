import { existsSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { checkDatabaseUrl } from "@tributary/migrate";
import { provisionDatabases } from "@tributary/postgres";
import { z } from "zod";
import { CONTEXTS, databaseVariable, forEachContext, type Context, type PerContext } from "./contexts.ts";
import type { DataDirPaths } from "./data-dir.ts";
import { StackError } from "./error.ts";
import { keepPostgres, type KeptPostgres, type KeptPostgresOptions } from "./kept-postgres.ts";
import { readJson, writePrivateJson } from "./private-file.ts";

const Passwords = z.object({ superuser: z.string(), roles: z.record(z.string(), z.string()) });

/** The database of messages between the contexts, and its role. */
const BROKER = "broker";
const BROKER_VARIABLE = "BROKER_URL";

/** The databases of a stack. */
export interface Databases {
  /** Connection URLs, with passwords: of PostgreSQL, and of Redis where the history is kept there. */
  readonly urls: PerContext<string>;
  /** The contexts whose databases somebody else runs. */
  readonly external: readonly Context[];
  /** Connection URL of the broker between the contexts: a database of its own, or what `BROKER_URL` names. */
  readonly brokerUrl: string;
  /** The server that was started for the others; null if there are no others. */
  readonly server: KeptPostgres | null;
}

export interface DatabasesOptions extends Pick<KeptPostgresOptions, "onTrouble" | "onLost"> {
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
  const { paths, env, settings = {}, durable, onLog, onTrouble, onLost } = options;
  const named = new Map(
    CONTEXTS.flatMap((context) => {
      const variable = databaseVariable(context);
      return env[variable] ? [[context, checkDatabaseUrl(env[variable], variable)] as const] : [];
    }),
  );
  const redis = historyRedis(env);
  if (redis !== null) named.set("history", redis);
  const external = [...named.keys()];
  const local = CONTEXTS.filter((context) => !named.has(context));
  const namedBroker = env[BROKER_VARIABLE];
  if (local.length === 0 && namedBroker)
    return {
      urls: Object.fromEntries(named) as PerContext<string>,
      external,
      brokerUrl: namedBroker,
      server: null,
    };

  const { superuser, roles } = ensurePasswords(paths);
  const server = await keepPostgres({
    folder: paths.postgres,
    password: superuser,
    settings,
    durable,
    onLog,
    onTrouble,
    onLost,
  });
  const own: readonly string[] = namedBroker ? local : [...local, BROKER];
  try {
    await provisionDatabases(
      server.adminUrl(),
      own.map((name) => ({ database: name, role: name, password: roles[name] ?? "" })),
    );
  } catch (error) {
    await server.stop();
    throw error;
  }
  const urlOf = (name: string) => `postgresql://${name}:${roles[name]}@127.0.0.1:${server.port}/${name}`;
  const urls = await forEachContext(async (context) => named.get(context) ?? urlOf(context));
  return { urls, external, brokerUrl: namedBroker ?? urlOf(BROKER), server };
}

/** Whether a connection URL is of Redis, which has no migrations. */
export function isRedis(url: string): boolean {
  return url.startsWith("redis");
}

/**
 * The Redis that the history is kept in.
 *
 * @returns null where it is in PostgreSQL
 * @throws StackError where it is named by no URL
 */
function historyRedis(env: NodeJS.ProcessEnv): string | null {
  if (env["HISTORY_STORE"] !== "redis") return null;
  const url = env["HISTORY_REDIS_URL"] ?? "";
  if (/^rediss?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new StackError("HISTORY_STORE is redis: HISTORY_REDIS_URL must be a URL such as redis://host:6379/0");
}

function ensurePasswords(paths: DataDirPaths): { superuser: string; roles: Record<string, string> } {
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
    [...CONTEXTS, BROKER].map((name) => [name, known.roles[name] ?? newPassword()]),
  );
  const passwords = { superuser: known.superuser, roles };
  writePrivateJson(paths.passwords, passwords);
  return passwords;
}

/** Safe in a URL as it is. */
function newPassword(): string {
  return randomBytes(24).toString("base64url");
}
