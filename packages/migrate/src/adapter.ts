import { PrismaPg } from "@prisma/adapter-pg";
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from "@prisma/driver-adapter-utils";
import pg from "pg";
import type { Session } from "./session.ts";

/**
 * Prisma's own adapter, with three faults of its migration side mended:
 *
 * - it cuts scripts at every semicolon, also inside a function's body. Here a script goes to the server whole, which
 *   runs it in one transaction: the way of Prisma's native engine.
 * - it cannot read PostgreSQL's type "char", which the engine's question about CHECK constraints answers with.
 * - it drops a shadow database while it is still connected to it.
 */
export function adapterFactory({ pool, url }: Session): SqlMigrationAwareDriverAdapterFactory {
  const prisma = new PrismaPg(pool);
  return {
    provider: prisma.provider,
    adapterName: prisma.adapterName,
    connect: async () => mend(await prisma.connect(), pool),
    connectToShadowDb: async () => {
      const database = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
      await pool.query(`CREATE DATABASE "${database}"`);
      const shadowUrl = new URL(url);
      shadowUrl.pathname = `/${database}`;
      const shadow = new pg.Pool({ connectionString: shadowUrl.href, max: 1 });
      const dispose = async () => {
        await shadow.end();
        await pool.query(`DROP DATABASE "${database}"`);
      };
      return Object.assign(mend(await new PrismaPg(shadow).connect(), shadow), { dispose });
    },
  };
}

/** What of the adapter is reached into, though it is not declared. */
interface Inside {
  onError(error: unknown): never;
  performIO(query: SqlQuery): Promise<pg.QueryArrayResult>;
}

const CHAR_OID = 18;
const TEXT_OID = 25;

function mend<T extends SqlDriverAdapter>(adapter: T, pool: pg.Pool): T {
  const inside = adapter as unknown as Inside;
  const performIO = inside.performIO.bind(adapter);
  const queryRaw = adapter.queryRaw.bind(adapter);
  const charColumns = new WeakMap<SqlQuery, number[]>();
  return Object.assign(adapter, {
    executeScript: async (script: string) => {
      await pool.query(script).catch((error: unknown) => inside.onError(error));
    },
    performIO: async (query: SqlQuery) => {
      const result = await performIO(query);
      charColumns.set(
        query,
        result.fields.flatMap(({ dataTypeID }, index) => (dataTypeID === CHAR_OID ? [index] : [])),
      );
      for (const field of result.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
      return result;
    },
    queryRaw: async (query: SqlQuery) => {
      const result = await queryRaw(query);
      for (const index of charColumns.get(query) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    },
  });
}
