import { listenToChannels } from "@tributary/channels";
import { createLogger, runProcess, startSubgraph } from "@tributary/subgraph-kit";
import { readConfig } from "./config.ts";
import { createContextFactory } from "./context.ts";
import { openStore } from "./data/open-store.ts";
import { createFiller } from "./events/filler.ts";
import { historyHandlers } from "./events/handlers.ts";
import { watchLag } from "./events/lag-watch.ts";
import { registerViewMetrics } from "./events/view-metrics.ts";
import { createWatermark } from "./events/watermark.ts";
import { resolvers, typeDefs } from "./schema.ts";

await runProcess(async () => {
  const config = readConfig(process.env);
  const logger = createLogger("history", config.LOG_LEVEL);
  const { store, outages } = openStore(config, logger);
  const watermark = createWatermark();
  const filler = createFiller({ store, watermark, logger, outages });
  const listening = await listenToChannels({
    context: "history",
    config,
    store,
    outages,
    logger,
    handlers: historyHandlers,
    onHandled(envelopes) {
      watermark.handled(envelopes);
      if (envelopes.some(({ type }) => type === "SnapshotPage" || type === "RowsLoaded")) filler.wake();
    },
    addMetrics: (registry) => registerViewMetrics(registry, { store, watermark }),
  });
  filler.start(listening.publish);
  const lagWatch = watchLag(listening.lag, watermark);
  return startSubgraph({
    name: "history",
    typeDefs,
    resolvers,
    config,
    logger,
    createContext: createContextFactory(store, { batching: config.BATCHING === "on", watermark }),
    ready: () => store.ping(),
    outages,
    async close() {
      lagWatch.stop();
      await filler.stop();
      await listening.stop();
      await store.close();
    },
  });
});
