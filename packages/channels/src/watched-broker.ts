import { BrokerError, openBroker, type Broker } from "@tributary/messaging";
import type { Logger, OutageWatch } from "@tributary/subgraph-kit";
import { createBrokerWatch, type BrokerWatch } from "./broker-watch.ts";
import { SUBSCRIPTIONS, type Channel } from "./subscriptions.ts";

/** The broker between the contexts, and the watch that tells when it is lost. */
export interface WatchedBroker {
  readonly broker: Broker;
  readonly watch: BrokerWatch;
  /** Ends both. */
  readonly close: () => Promise<void>;
}

/** Opens the broker with all channels. @throws BrokerError for a URL that is of no broker */
export function openWatchedBroker(url: string, logger: Logger): WatchedBroker {
  const watch = createBrokerWatch(() => broker, logger);
  const broker = watched(openBroker(url, { subscriptions: SUBSCRIPTIONS, onError: watch.note }));
  return {
    broker,
    watch,
    async close() {
      watch.stop();
      await broker.close();
    },
  };
}

/** The channels that a context listens to. */
export function channelsOf(context: string): Channel[] {
  return (Object.keys(SUBSCRIPTIONS) as Channel[]).filter((channel) =>
    (SUBSCRIPTIONS[channel] as readonly string[]).includes(context),
  );
}

/** The broker, whose failures to publish can be told from those of the context's own database. */
function watched(broker: Broker): Broker {
  return {
    ...broker,
    async publish(messages) {
      try {
        await broker.publish(messages);
      } catch (error) {
        if (error instanceof BrokerError) throw error;
        // Without its cause: where the broker is a database, that reads like an error of the context's own.
        throw new BrokerError(`messages could not be published: ${String(error)}`);
      }
    },
  };
}

/** A log in which a database or a broker that is away has one line for the beginning and one for the end. */
export function quietWhileAway(
  { logger, outages }: { readonly logger: Logger; readonly outages: Pick<OutageWatch, "note"> },
  watch: BrokerWatch,
) {
  return {
    debug: (fields: object, text: string) => logger.debug(fields, text),
    info: (fields: object, text: string) => logger.info(fields, text),
    error: (fields: object, text: string) => logger.error(fields, text),
    warn(fields: { readonly err?: unknown }, text: string) {
      if (fields.err instanceof BrokerError) watch.note(fields.err);
      else if (!outages.note(fields.err, 0)) logger.warn(fields, text);
    },
  };
}
