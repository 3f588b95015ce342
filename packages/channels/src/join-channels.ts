import {
  startMessaging,
  type MessageHandlers,
  type Messaging,
  type SqlTransaction,
} from "@tributary/messaging";
import type { Logger, OutageWatch, SubgraphConfig } from "@tributary/subgraph-kit";
import type { Pool } from "pg";
import type { Registry } from "prom-client";
import { channelsOf, openWatchedBroker, quietWhileAway } from "./watched-broker.ts";
import { withMetrics } from "./with-metrics.ts";

export interface JoinOptions {
  /** The context's name, which is also its consumer's. */
  readonly context: string;
  readonly config: Pick<
    SubgraphConfig,
    "BROKER_URL" | "DATABASE_URL" | "HOST" | "METRICS_PORT" | "OUTBOX_WAL_URL"
  >;
  /** The context's own database. */
  readonly pool: Pool;
  /** Told of failures that come of a lost database. */
  readonly outages: Pick<OutageWatch, "note">;
  readonly logger: Logger;
  /** What is done with each type of message that the context listens to. */
  readonly handlers: MessageHandlers<SqlTransaction>;
  /** Called after the effects of messages were committed. */
  readonly onHandled?: () => void;
  /** The context's own tables that fill with messages, each with the columns that its statements look for. */
  readonly tables?: readonly string[];
  /** Registers the context's own metrics, where the process has a port for metrics. */
  readonly addMetrics?: (registry: Registry) => void;
}

/**
 * Joins a context to the channels that it listens to, has its outbox published, and serves the process's metrics where
 * `METRICS_PORT` says so. Without a broker its messages wait in the outbox until it is started with one.
 */
export async function joinChannels(options: JoinOptions): Promise<Messaging> {
  return withMetrics(options, (registry) => join(options, registry));
}

async function join(options: JoinOptions, metrics: Registry): Promise<Messaging> {
  const { context, config, pool, logger, handlers, onHandled, tables } = options;
  if (config.BROKER_URL === undefined) {
    logger.warn("BROKER_URL is not set: messages to the other contexts wait in the outbox");
    return { notify() {}, async stop() {} };
  }
  const { broker, watch, close } = openWatchedBroker(config.BROKER_URL, logger);
  try {
    const messaging = await startMessaging({
      context,
      pool,
      databaseUrl: config.DATABASE_URL,
      ...(config.OUTBOX_WAL_URL !== undefined && { walUrl: config.OUTBOX_WAL_URL }),
      broker,
      consumers: [
        { consumer: context, channels: channelsOf(context), handlers, ...(onHandled && { onHandled }) },
      ],
      ...(tables && { tables }),
      logger: quietWhileAway(options, watch),
      metrics,
    });
    return {
      notify: messaging.notify,
      async stop() {
        await messaging.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
