import { PrismaPg } from "@prisma/adapter-pg";
import { openPool, type DatabasePool, type Logger, type SubgraphConfig } from "@tributary/subgraph-kit";
import { PrismaClient } from "../generated/prisma/client.ts";

/** The context's own database. */
export interface Database extends Pick<DatabasePool, "pool" | "ping" | "outages" | "close"> {
  readonly prisma: PrismaClient;
}

/** Opens the database; no connection is made before the first is needed. */
export function openDatabase(config: SubgraphConfig, logger: Logger): Database {
  const { pool, outages, ping, close } = openPool("customer", config, logger);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: "minimal" });
  return {
    prisma,
    pool,
    outages,
    ping,
    async close() {
      await prisma.$disconnect();
      await close();
    },
  };
}
