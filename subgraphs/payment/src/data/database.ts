import { PrismaPg } from "@prisma/adapter-pg";
import { createPool, type Logger, type SubgraphConfig } from "@tributary/subgraph-kit";
import { PrismaClient } from "../generated/prisma/client.ts";

/** The payment context's own database. */
export interface Database {
  readonly prisma: PrismaClient;
  /** Rejects where the database cannot be used. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens the database; no connection is made before the first is needed. */
export function openDatabase(config: SubgraphConfig, logger: Logger): Database {
  const pool = createPool("payment", config, (error) =>
    logger.warn({ err: error }, "an idle connection broke"),
  );
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    prisma,
    async ping() {
      await pool.query("SELECT 1");
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
