import { joinChannels, snapshotHandlers } from "@tributary/channels";
import { handlersOn, systemClock } from "@tributary/messaging";
import { createLogger, runProcess, startSubgraph } from "@tributary/subgraph-kit";
import { readConfig } from "./config.ts";
import { createContextFactory } from "./context.ts";
import { openDatabase } from "./data/database.ts";
import { createCreditStore } from "./data/postgres-credit-store.ts";
import { snapshotSources } from "./data/snapshot-sources.ts";
import { createCreditRequestHandlers } from "./events/credit-requests.ts";
import { resolvers, typeDefs } from "./schema.ts";

await runProcess(async () => {
  const config = readConfig(process.env);
  const logger = createLogger("customer", config.LOG_LEVEL);
  const database = openDatabase(config, logger);
  const { pool, outages } = database;
  const handlers = {
    ...handlersOn(createCreditStore, createCreditRequestHandlers(systemClock)),
    ...snapshotHandlers(snapshotSources),
  };
  const messaging = await joinChannels({
    context: "customer",
    config,
    pool,
    outages,
    logger,
    handlers,
    tables: ["credit_reservations (order_id, customer_id, status)"],
  });
  const { notify } = messaging;
  return startSubgraph({
    name: "customer",
    typeDefs,
    resolvers,
    config,
    logger,
    createContext: createContextFactory(database, { batching: config.BATCHING === "on", notify }),
    ready: database.ping,
    outages,
    async close() {
      await messaging.stop();
      await database.close();
    },
  });
});
