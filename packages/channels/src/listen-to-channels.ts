import {
  startListening,
  type ConsumerLag,
  type Envelope,
  type ListenerStore,
  type MessageHandlers,
  type OutgoingMessage,
} from "@tributary/messaging";
import type { OutageWatch } from "@tributary/subgraph-kit";
import { channelsOf, openWatchedBroker, quietWhileAway } from "./watched-broker.ts";
import { withMetrics, type MetricsOptions } from "./with-metrics.ts";

export interface ListenOptions<Transaction> extends MetricsOptions {
  /** The context's name, which is also its consumer's. */
  readonly context: string;
  readonly config: MetricsOptions["config"] & { readonly BROKER_URL?: string | undefined };
  readonly store: ListenerStore<Transaction>;
  /** Told of failures that come of a lost store. */
  readonly outages: Pick<OutageWatch, "note">;
  /** What is done with each type of message that the context listens to. */
  readonly handlers: MessageHandlers<Transaction>;
  /** Called after the effects of messages were committed, with those messages. */
  readonly onHandled?: (handled: readonly Envelope[]) => void;
}

/** A context's ear to the channels. */
export interface Listening {
  /** Publishes at once, without an outbox: what is lost is to be asked for again. Rejects while the broker is away. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** How far this context is behind, by channel; null without a broker. Rejects while the broker is away. */
  lag(): Promise<ConsumerLag[] | null>;
  stop(): Promise<void>;
}

/**
 * Joins a context that has no outbox to the channels that it listens to, and serves the process's metrics where
 * `METRICS_PORT` says so. Without a broker it hears nothing.
 */
export async function listenToChannels<Transaction>(options: ListenOptions<Transaction>): Promise<Listening> {
  return withMetrics(options, async (metrics) => {
    const { context, config, store, handlers, logger, onHandled } = options;
    if (config.BROKER_URL === undefined) {
      logger.warn("BROKER_URL is not set: nothing of the other contexts is heard");
      return { publish: async () => {}, lag: async () => null, stop: async () => {} };
    }
    const { broker, watch, close } = openWatchedBroker(config.BROKER_URL, logger);
    try {
      const listening = await startListening({
        consumer: context,
        channels: channelsOf(context),
        handlers,
        store,
        broker,
        logger: quietWhileAway(options, watch),
        ...(onHandled && { onHandled }),
        metrics,
      });
      return {
        publish: (messages) => broker.publish(messages),
        lag: async () => (await broker.lag()).filter(({ consumer }) => consumer === context),
        async stop() {
          await listening.stop();
          await close();
        },
      };
    } catch (error) {
      await close();
      throw error;
    }
  });
}
