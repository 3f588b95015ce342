import { randomBytes } from "node:crypto";
import { applyMigrations } from "@tributary/migrate";
import { provisionDatabases, startTemporaryPostgres, type PostgresServer } from "@tributary/postgres";
import pg from "pg";
import { createEnvelope, type Envelope } from "./message/envelope.ts";

/** A PostgreSQL server with databases as contexts and brokers have them: each with a role of its own. */
export interface TestServer {
  readonly server: PostgresServer;
  /** A new database with the tables of messaging. @returns its connection URL */
  contextDatabase(): Promise<string>;
  /** A new, empty database. @returns its connection URL */
  brokerDatabase(): Promise<string>;
  /** A pool that takes it well when its sessions are ended; `stop` closes it. */
  pool(url: string, max?: number): pg.Pool;
  /** Ends all sessions of a database and lets nobody in, until the function that it returns is called. */
  takeAway(url: string): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export async function startTestServer(settings: Record<string, string> = {}): Promise<TestServer> {
  const server = await startTemporaryPostgres({ settings: { max_connections: "300", ...settings } });
  const pools: pg.Pool[] = [];
  const pool = (url: string, max = 10) => {
    const made = new pg.Pool({ connectionString: url, max });
    made.on("error", () => {});
    made.on("connect", (client) => client.on("error", () => {}));
    pools.push(made);
    return made;
  };
  const admin = pool(server.adminUrl(), 2);
  async function create(kind: string): Promise<string> {
    const database = `${kind}_${randomBytes(4).toString("hex")}`;
    const password = randomBytes(12).toString("hex");
    await provisionDatabases(server.adminUrl(), [{ database, role: database, password }]);
    const url = new URL(server.adminUrl(database));
    url.username = database;
    url.password = password;
    return url.href;
  }
  return {
    server,
    pool,
    async contextDatabase() {
      const url = await create("context");
      await applyMigrations({ context: "order", url });
      return url;
    },
    brokerDatabase: () => create("broker"),
    async takeAway(url) {
      const database = new URL(url).pathname.slice(1);
      await admin.query(`ALTER DATABASE "${database}" ALLOW_CONNECTIONS false`);
      await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
        database,
      ]);
      return async () => void (await admin.query(`ALTER DATABASE "${database}" ALLOW_CONNECTIONS true`));
    },
    async stop() {
      await Promise.all(pools.map((each) => each.end()));
      await server.stop();
    },
  };
}

/** A message about an aggregate. */
export function message(
  aggregateId: string,
  parts: { type?: string; version?: number; data?: unknown } = {},
): Envelope {
  const { type = "Counted", version = 1, data = {} } = parts;
  return createEnvelope({
    type,
    aggregateType: "counter",
    aggregateId,
    aggregateVersion: version,
    correlationId: aggregateId,
    data,
  });
}

/** Waits until something is so. */
export async function until(what: () => boolean | Promise<boolean>, within = 60_000): Promise<void> {
  const end = performance.now() + within;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`it is not so after ${within} ms: ${what.toString()}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
