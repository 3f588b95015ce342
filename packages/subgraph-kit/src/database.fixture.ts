// Not in package.json: boundaries follow development dependencies too, and the gateway, which uses the kit, must have
// no database.
// @boundaries-ignore for tests alone
import { applyMigrations } from "@tributary/migrate";
// @boundaries-ignore for tests alone
import { startTemporaryPostgres } from "@tributary/postgres";
import pg from "pg";

/** A database with the tables of a context in it, on a PostgreSQL server of its own. */
export interface TestDatabase {
  url: string;
  /** Opens a pool, which `stop` closes. */
  adopt: (pool: pg.Pool) => pg.Pool;
  open: () => pg.Pool;
  stop: () => Promise<void>;
}

/** Starts a real PostgreSQL. Which context's tables it has makes no difference: what is shared is alike in all. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const server = await startTemporaryPostgres();
  const url = server.adminUrl();
  await applyMigrations({ context: "customer", url });
  const pools: pg.Pool[] = [];
  const adopt = (pool: pg.Pool) => {
    pools.push(pool);
    pool.on("error", () => {});
    // `pool.end()` does not wait for the connections that it closes: the server may be the first to end them.
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool;
  };
  return {
    url,
    adopt,
    open: () => adopt(new pg.Pool({ connectionString: url, max: 20 })),
    async stop() {
      await Promise.all(pools.map((pool) => pool.end()));
      await server.stop();
    },
  };
}
