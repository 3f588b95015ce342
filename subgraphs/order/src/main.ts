import { joinChannels, snapshotHandlers } from "@tributary/channels";
import { handlersOn, systemClock, transactOn } from "@tributary/messaging";
import { createLogger, runProcess, startSubgraph } from "@tributary/subgraph-kit";
import { readConfig } from "./config.ts";
import { createContextFactory } from "./context.ts";
import { openDatabase } from "./data/database.ts";
import { createOrderStore } from "./data/postgres-order-store.ts";
import { snapshotSources } from "./data/snapshot-sources.ts";
import { watchDeadlines } from "./events/deadlines.ts";
import { createReplyHandlers } from "./events/replies.ts";
import { registerSagaMetrics } from "./events/saga-metrics.ts";
import { resolvers, typeDefs } from "./schema.ts";

await runProcess(async () => {
  const config = readConfig(process.env);
  const logger = createLogger("order", config.LOG_LEVEL);
  const database = openDatabase(config, logger);
  const { pool, outages } = database;
  const patienceMs = config.SAGA_PATIENCE_MS;
  const handlers = {
    ...handlersOn(createOrderStore, createReplyHandlers({ patienceMs, logger, clock: systemClock })),
    ...snapshotHandlers(snapshotSources),
  };
  const messaging = await joinChannels({
    context: "order",
    config,
    pool,
    outages,
    logger,
    handlers,
    tables: ["order_sagas (order_id, deadline)"],
    addMetrics: (registry) => registerSagaMetrics(registry, pool),
  });
  const { notify } = messaging;
  const deadlines = watchDeadlines(transactOn(pool, createOrderStore), {
    patienceMs,
    logger,
    outages,
    clock: systemClock,
    notify,
  });
  return startSubgraph({
    name: "order",
    typeDefs,
    resolvers,
    config,
    logger,
    createContext: createContextFactory(database, { batching: config.BATCHING === "on", patienceMs, notify }),
    ready: database.ping,
    outages,
    async close() {
      await Promise.all([deadlines.stop(), messaging.stop()]);
      await database.close();
    },
  });
});
