import type pg from "pg";
import type { Registry } from "prom-client";
import type { Broker, Subscription } from "../broker/broker.ts";
import { systemClock } from "../clock.ts";
import { countDeadLetters } from "../inbox/dead-letters.ts";
import { createConsumer, type Consumer } from "../inbox/consumer.ts";
import { createPostgresConsumerStore, REDRIVE_NOTICE, requestedRedrives } from "../inbox/postgres-store.ts";
import type { MessageHandlers } from "../inbox/store.ts";
import { createPostgresOutbox, notifyRelays } from "../outbox/postgres-outbox.ts";
import { OUTBOX_NOTICE, SHARDS } from "../outbox/outbox.ts";
import { outboxStatus } from "../outbox/outbox-status.ts";
import { createRelay, type OutboxStore } from "../outbox/relay.ts";
import { createSessionLocks, createShardLocks } from "../outbox/shard-locks.ts";
import { BALANCE_MS, createShardedOutbox } from "../outbox/sharded-outbox.ts";
import { createWalOutbox } from "../outbox/wal/wal-outbox.ts";
import { openSession } from "../postgres/session.ts";
import { keepStatistics } from "../postgres/table-statistics.ts";
import type { SqlTransaction } from "../postgres/transaction.ts";
import { createWaker, LINGER_MS } from "../waker.ts";
import { keepHouse } from "./housekeeping.ts";
import { joinEvents, logEvents, type MessagingLogger } from "./log-events.ts";
import { createMessagingMetrics } from "./metrics.ts";

export interface MessagingOptions {
  /** The context's name: in logs, and as the name of its session with the database. */
  readonly context: string;
  /** The context's own database, with the tables of messaging. */
  readonly pool: pg.Pool;
  /** Its connection URL, for the session that holds locks and listens. */
  readonly databaseUrl: string;
  readonly broker: Broker;
  readonly consumers: readonly {
    readonly consumer: string;
    readonly channels: readonly string[];
    readonly handlers: MessageHandlers<SqlTransaction>;
    /** Called after effects were committed. */
    readonly onHandled?: () => void;
  }[];
  /**
   * The context's own tables that fill with messages, each with the columns that its statements look for: their statistics
   * are kept with those of messaging's.
   */
  readonly tables?: readonly string[];
  readonly logger: MessagingLogger;
  /**
   * A connection URL for replication. The relay is then told by the write-ahead log what was written, rather than asking the
   * outbox: of a role with REPLICATION that owns the outbox, or a superuser, on a server with `wal_level=logical`.
   */
  readonly walUrl?: string;
  /** Where metrics are registered; none by default. */
  readonly metrics?: Registry;
}

/** A context's part in messaging, while its process runs. */
export interface Messaging {
  /** Has the messages that were just committed published at once. Cheap, and never rejects. */
  notify(): void;
  /** Stops taking messages, lets those that are handled end, and gives its shards up. The broker stays open. */
  stop(): Promise<void>;
}

const REDRIVE_POLL_MS = 5_000;
const RELAY_BATCH = 200;
const TABLES = ["outbox_messages (seq, shard, published_at)", "inbox_messages (consumer, message_id)"];

/**
 * Starts what a context's process does for messages: relays its outbox, has its consumers handle what comes, handles
 * dead letters again that are asked for, and cleans up.
 */
export async function startMessaging(options: MessagingOptions): Promise<Messaging> {
  const { context, pool, databaseUrl, broker, logger } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const onError = (error: unknown) => logger.warn({ err: error }, "messaging goes on after a failure");

  const names = options.consumers.map(({ consumer }) => consumer);
  const metrics =
    options.metrics &&
    createMessagingMetrics({
      registry: options.metrics,
      broker,
      consumers: names,
      outbox: () => outboxStatus(pool),
      deadLetters: () => countDeadLetters(pool),
      onError,
    });
  const session = openSession({
    url: databaseUrl,
    name: `tributary-${context}-messaging`,
    listen: [OUTBOX_NOTICE, REDRIVE_NOTICE],
    onNotice: (channel) => (channel === OUTBOX_NOTICE ? relay.wake() : redriveWaker.wake()),
    onConnect: () => relay.wake(),
    onLost(error) {
      locks.forget();
      onError(error);
    },
  });
  const locks = createShardLocks(createSessionLocks(session), options.walUrl === undefined ? "share" : "all");
  const redriveWaker = createWaker(systemClock);
  const wal =
    options.walUrl === undefined
      ? undefined
      : createWalOutbox({
          pool,
          url: options.walUrl,
          shards: locks.held,
          onRows: () => relay.wake(),
          onError,
        });
  const outbox: OutboxStore = wal
    ? {
        markPublished: (rows) => wal.markPublished(rows),
        async unpublished(limit) {
          await wal.follow();
          return wal.unpublished(limit);
        },
      }
    : createPostgresOutbox(pool, locks.held);
  const statistics = keepStatistics({
    run: (text) => pool.query(text),
    tables: [...TABLES, ...(options.tables ?? [])],
    onError,
  });
  const relay = createRelay({
    broker,
    clock: systemClock,
    pollMs: BALANCE_MS,
    lingerMs: LINGER_MS,
    batchSize: RELAY_BATCH,
    store: createShardedOutbox({ outbox, locks, clock: systemClock, connected: session.connected }),
    onPublished({ length }) {
      statistics.note(length, length === RELAY_BATCH);
      metrics?.published(length);
    },
    onError,
  });

  function notify(): void {
    if (wal) return; // the log tells
    relay.wake();
    // Another process relays the rest.
    if (locks.held().length < SHARDS) void notifyRelays(pool).catch(onError);
  }

  const store = createPostgresConsumerStore(pool);
  const consumers: { consumer: Consumer; name: string; subscription: Subscription }[] = [];
  for (const { consumer: name, channels, handlers, onHandled } of options.consumers) {
    const handled = (): void => {
      notify();
      onHandled?.();
    };
    const consumer = createConsumer({
      consumer: name,
      handlers,
      store,
      clock: systemClock,
      events: joinEvents(
        logEvents(logger, name),
        { onHandled: handled },
        ...(metrics ? [metrics.consumer(name)] : []),
      ),
    });
    const subscription = await broker.subscribe({ channels, consumer: name, handle: consumer.handle });
    consumers.push({ consumer, name, subscription });
  }

  async function redrive(): Promise<void> {
    while (!signal.aborted) {
      redriveWaker.clear();
      try {
        for (const { consumer, name } of consumers) {
          for (const letter of await requestedRedrives(pool, name, 100)) await consumer.redrive(letter);
        }
      } catch (error) {
        onError(error);
      }
      await redriveWaker.wait(REDRIVE_POLL_MS, signal);
    }
  }

  const loops = [
    relay.run(signal),
    redrive(),
    keepHouse({ pool, consumers: names, clock: systemClock, signal, onError }),
  ];
  return {
    notify,
    async stop() {
      await Promise.all(consumers.map(({ subscription }) => subscription.stop()));
      await Promise.all(consumers.map(({ consumer }) => consumer.stop()));
      stopping.abort();
      await Promise.all(loops);
      await wal?.stop();
      await session.close();
    },
  };
}
