import type { PgBoss } from "pg-boss";
import { backoff } from "../../backoff.ts";
import { systemClock } from "../../clock.ts";
import { openSession } from "../../postgres/session.ts";
import { keepStatistics } from "../../postgres/table-statistics.ts";
import { createWaker, LINGER_MS } from "../../waker.ts";
import type { Delivery, Settlement, SubscribeOptions, Subscription } from "../broker.ts";
import type { BossDatabase } from "./boss-database.ts";
import { fetchJobs, JOBS, noticeOf, removeJobs, type Job } from "./job-statements.ts";
import { parseQueueName, queueName } from "./queues.ts";

export interface QueueSubscriptionOptions extends SubscribeOptions {
  readonly url: string;
  readonly boss: PgBoss;
  readonly database: BossDatabase;
  /** Settles when pg-boss is ready; rejects where it never will be. */
  readonly started: Promise<void>;
  readonly onError: (error: Error) => void;
}

/** How long it sleeps where no notice comes, in milliseconds. */
const POLL_MS = 2_000;
const RETRY = { baseMs: 50, capMs: 2_000 };

/** A delivery with what is needed to settle it. */
interface JobDelivery extends Delivery {
  readonly job: Omit<Job, "body">;
}

/** Takes the messages of a consumer's channels, batch by batch. */
export function subscribeQueues(options: QueueSubscriptionOptions): Subscription {
  const { url, boss, database, channels, consumer, started, batchSize = 100, handle, onError } = options;
  const queues = channels.map((channel) => queueName(channel, consumer));
  const stopping = new AbortController();
  const { signal } = stopping;
  const waker = createWaker(systemClock, LINGER_MS);
  const statistics = keepStatistics({
    run: (text) => database.executeSql(text),
    tables: [JOBS],
    onError: (error) => onError(error as Error),
  });

  const jobsOf = (deliveries: readonly Delivery[]) =>
    deliveries.map((delivery) => (delivery as JobDelivery).job);
  /** Calls pg-boss, which takes the jobs of one queue at a time. */
  async function eachQueue(
    deliveries: readonly Delivery[],
    act: (queue: string, attempts: { id: string; retryCount: number }[]) => Promise<unknown>,
  ): Promise<void> {
    for (const [queue, jobs] of Map.groupBy(jobsOf(deliveries), (job) => job.queue))
      await act(
        queue,
        jobs.map(({ id, retryCount }) => ({ id, retryCount })),
      );
  }
  const settlement: Settlement = {
    async ack(deliveries) {
      // The next ones of the same keys are free now, and nobody tells.
      if (await removeJobs(database, jobsOf(deliveries), queues)) waker.wake();
    },
    async nack(deliveries) {
      await eachQueue(deliveries, (queue, attempts) => boss.fail(queue, attempts));
      waker.wake();
    },
    extend: (deliveries) => eachQueue(deliveries, (queue, attempts) => boss.touch(queue, attempts)),
  };

  async function take(): Promise<JobDelivery[]> {
    const jobs = await fetchJobs(database, queues, batchSize);
    return jobs.map(({ queue, id, body, retryCount }) => ({
      id,
      channel: parseQueueName(queue)?.channel ?? queue,
      body,
      deliveries: retryCount + 1,
      job: { queue, id, retryCount },
    }));
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      waker.clear();
      try {
        const batch = await take();
        failures = 0;
        statistics.note(batch.length, batch.length === batchSize);
        if (batch.length > 0) await handle(batch, settlement);
        if (batch.length < batchSize) await waker.wait(POLL_MS, signal);
      } catch (error) {
        onError(error as Error);
        await systemClock.sleep(backoff(++failures, RETRY, systemClock), signal);
      }
    }
  }
  const session = openSession({
    url,
    name: "tributary-broker-listener",
    listen: [noticeOf(consumer)],
    onNotice: waker.wake,
    // Notices may have been lost.
    onConnect: waker.wake,
    onLost: onError,
  });
  const running = started.then(run, () => {});

  return {
    async stop() {
      stopping.abort();
      await running;
      await session.close();
    },
  };
}
