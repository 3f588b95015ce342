import { createLogger, runProcess, startSubgraph } from "@tributary/subgraph-kit";
import { readConfig } from "./config.ts";
import { createContextFactory } from "./context.ts";
import { openDatabase } from "./data/database.ts";
import { resolvers, typeDefs } from "./schema.ts";

await runProcess(async () => {
  const config = readConfig(process.env);
  const logger = createLogger("payment", config.LOG_LEVEL);
  const database = openDatabase(config, logger);
  return startSubgraph({
    name: "payment",
    typeDefs,
    resolvers,
    config,
    logger,
    createContext: createContextFactory(database, { batching: config.BATCHING === "on" }),
    ready: database.ping,
    close: database.close,
  });
});
