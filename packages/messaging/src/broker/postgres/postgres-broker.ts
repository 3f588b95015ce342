import { PgBoss } from "pg-boss";
import {
  BrokerError,
  type Broker,
  type ConsumerLag,
  type Subscription,
  type Subscriptions,
} from "../broker.ts";
import { keepTrying } from "../keep-trying.ts";
import { openBossDatabase } from "./boss-database.ts";
import { storeJobs } from "./job-statements.ts";
import { queueName, parseQueueName } from "./queues.ts";
import { subscribeQueues } from "./queue-subscription.ts";
import { splitByOrder } from "./split-by-order.ts";

export interface PostgresBrokerOptions {
  /** Connection URL of the broker's own database; pg-boss makes its schema in it. */
  readonly url: string;
  readonly subscriptions: Subscriptions;
  /** Connections beside those that listen, one for each subscription; 4 by default. */
  readonly poolSize?: number;
  /** How long a message that was handed over may stay unsettled, in seconds; 10 by default, which is the least. */
  readonly deadlineSeconds?: number;
  readonly onError: (error: Error) => void;
}

/** Ten years: what is sent stays until it is handled. */
const FOREVER_SECONDS = 315_360_000;
/** How often messages whose deadline has passed are looked for. */
const SUPERVISE_SECONDS = 3;

/**
 * Opens the broker that lives in PostgreSQL: pg-boss, with a queue for each consumer of a channel. Connects in the
 * background, again and again while the database is away; what is published waits meanwhile.
 *
 * Per key, a queue of the policy `key_strict_fifo` hands over one message at a time. What is acknowledged is deleted,
 * so the tables hold what is under way, and no more.
 */
export function openPostgresBroker(options: PostgresBrokerOptions): Broker {
  const { url, subscriptions, poolSize = 4, deadlineSeconds = 10, onError } = options;
  const active = new Set<Subscription>();
  const database = openBossDatabase({ url, poolSize, onError });
  const boss = new PgBoss({
    db: database,
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    // No job of ours waits for another one.
    flowIntervalSeconds: 3600,
    warningQueueSize: 1_000_000,
  });
  boss.on("error", onError);
  const consumers = new Map(
    Object.entries(subscriptions).map(([channel, names]) => [channel, new Set(names)]),
  );

  const queuesOf = (channel: string): readonly string[] =>
    [...(consumers.get(channel) ?? [])].map((consumer) => queueName(channel, consumer));

  async function declare(channel: string, consumer: string): Promise<void> {
    await boss.createQueue(queueName(channel, consumer), {
      policy: "key_strict_fifo",
      retryLimit: 1_000_000,
      retryDelay: 0,
      heartbeatSeconds: deadlineSeconds,
      expireInSeconds: 3600,
      retentionSeconds: FOREVER_SECONDS,
    });
  }

  async function start(): Promise<void> {
    await boss.start();
    const known = new Set((await boss.getQueues()).map(({ name }) => name));
    for (const [channel, names] of consumers) {
      for (const consumer of names) {
        if (!known.has(queueName(channel, consumer))) await declare(channel, consumer);
      }
    }
  }

  const closing = new AbortController();
  const started = keepTrying(start, closing.signal, onError);
  started.catch(() => {}); // each who waits for it is told

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closing.abort(new BrokerError("the broker is closed"));
    await Promise.all([...active].map((subscription) => subscription.stop()));
    await boss.stop({ graceful: false, close: false });
    await started.catch(() => {});
    await database.close();
  }

  return {
    async publish(messages) {
      const stranger = messages.find(({ channel }) => !consumers.has(channel));
      if (stranger)
        throw new BrokerError(`the channel ${stranger.channel} is not declared: name its consumers`);
      await started;
      for (const part of splitByOrder(messages)) await storeJobs(database, part, queuesOf);
    },
    async subscribe(subscription) {
      const { channels, consumer } = subscription;
      const stranger = channels.find((channel) => !consumers.get(channel)?.has(consumer));
      if (stranger !== undefined)
        throw new BrokerError(`${consumer} is not declared as a consumer of the channel ${stranger}`);
      const queues = subscribeQueues({ ...subscription, url, boss, database, started, onError });
      active.add(queues);
      return {
        async stop() {
          await queues.stop();
          active.delete(queues);
        },
      };
    },
    async lag() {
      await started;
      return (await boss.getQueues()).flatMap(({ name, queuedCount, activeCount }): ConsumerLag[] => {
        const parts = parseQueueName(name);
        return parts ? [{ ...parts, waiting: queuedCount, inFlight: activeCount }] : [];
      });
    },
    close: () => (closed ??= close()),
  };
}
