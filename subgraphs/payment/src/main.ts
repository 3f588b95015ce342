import { joinChannels, snapshotHandlers } from "@tributary/channels";
import { handlersOn, systemClock, transactOn } from "@tributary/messaging";
import { createLogger, runProcess, startSubgraph } from "@tributary/subgraph-kit";
import { readConfig, simulatedProviderOptions } from "./config.ts";
import { createContextFactory } from "./context.ts";
import { openDatabase } from "./data/database.ts";
import { createPaymentStore } from "./data/postgres-payment-store.ts";
import { snapshotSources } from "./data/snapshot-sources.ts";
import { createPaymentRequestHandlers } from "./events/payment-requests.ts";
import { createProviderWorker } from "./events/provider-worker.ts";
import { createSimulatedProvider } from "./provider/simulated-provider.ts";
import { resolvers, typeDefs } from "./schema.ts";

await runProcess(async () => {
  const config = readConfig(process.env);
  const logger = createLogger("payment", config.LOG_LEVEL);
  const database = openDatabase(config, logger);
  const { pool, outages } = database;
  const provider = createSimulatedProvider(pool, simulatedProviderOptions(config));
  const calls = createProviderWorker(transactOn(pool, createPaymentStore), {
    provider,
    logger,
    outages,
    clock: systemClock,
  });
  const messaging = await joinChannels({
    context: "payment",
    config,
    pool,
    outages,
    logger,
    handlers: {
      ...handlersOn(createPaymentStore, createPaymentRequestHandlers(systemClock)),
      ...snapshotHandlers(snapshotSources),
    },
    onHandled: calls.wake,
    tables: ["provider_calls (id, payment_id, sequence, next_attempt_at)"],
  });
  calls.start(messaging.notify);
  return startSubgraph({
    name: "payment",
    typeDefs,
    resolvers,
    config,
    logger,
    createContext: createContextFactory(database, {
      batching: config.BATCHING === "on",
      afterRefund() {
        calls.wake();
        messaging.notify();
      },
    }),
    ready: database.ping,
    outages,
    async close() {
      await Promise.all([calls.stop(), messaging.stop()]);
      await database.close();
    },
  });
});
