import { backoff, DEFAULT_RETRY, type RetryPolicy } from "../backoff.ts";
import type { Delivery, Settlement } from "../broker/broker.ts";
import type { Clock } from "../clock.ts";
import { parseEnvelope, type Envelope } from "../message/envelope.ts";
import { createOpenDeliveries, readDelivery, type Work } from "./delivery.ts";
import { PermanentError, type ConsumerStore, type DeadLetter, type MessageHandlers } from "./store.ts";

/** What a consumer tells about its work. */
export interface ConsumerEvents {
  /** Effects were committed; those of `repeated` had been before. */
  onHandled?: (handled: readonly Envelope[], repeated: readonly Envelope[]) => void;
  onRetry?: (envelope: Envelope, attempt: number, error: unknown) => void;
  onDeadLetter?: (letter: DeadLetter) => void;
  /** The store or the broker is away; the consumer goes on. */
  onError?: (error: unknown) => void;
}

export interface ConsumerOptions<Transaction> {
  readonly consumer: string;
  readonly handlers: MessageHandlers<Transaction>;
  readonly store: ConsumerStore<Transaction>;
  readonly clock: Clock;
  readonly retry?: RetryPolicy;
  /** How often the deadlines of messages that take long are extended, in milliseconds; 3,000 by default. */
  readonly extendMs?: number;
  readonly events?: ConsumerEvents;
}

/** Handles what a broker hands over: each message's effects once, those of a key in order. */
export interface Consumer {
  /** Handles a batch; settles when each message is settled or waits for its next attempt. Never rejects. */
  handle(batch: readonly Delivery[], settlement: Settlement): Promise<void>;
  /** Handles a dead letter once more, under its own id. Rejects where the store is away. */
  redrive(letter: DeadLetter): Promise<void>;
  /** Gives what waits back to the broker, and settles when nothing is handled. To be called after the subscription's. */
  stop(): Promise<void>;
}

/** A message that was handed over this often and never settled has ended its process each time. */
const MOST_DELIVERIES = 50;
/** How many messages may wait for an attempt before no more are taken. */
const MOST_WAITING = 1_000;
const AWAY = { baseMs: 50, capMs: 1_000 };

/**
 * Makes a consumer. A batch's notes and effects are one transaction. Where it fails, each message has its own; one that
 * fails there waits, and with it those of its key that come after it, while all others go on. After the last attempt it
 * becomes a dead letter. A store that is away is waited for and costs no attempts.
 */
export function createConsumer<Transaction>(options: ConsumerOptions<Transaction>): Consumer {
  const { consumer, handlers, store, clock, retry = DEFAULT_RETRY, extendMs = 3_000, events = {} } = options;
  const stopping = new AbortController();
  const open = createOpenDeliveries();
  /** By key: the message that is tried again, and those behind it. */
  const waiting = new Map<string, Work[]>();
  const tasks = new Set<Promise<void>>();
  let extending = false;

  function start(task: Promise<void>): void {
    const guarded = task
      .catch((error: unknown) => events.onError?.(error))
      .finally(() => tasks.delete(guarded));
    tasks.add(guarded);
  }

  /** Notes messages and makes their effects, in one transaction. */
  async function apply(
    works: readonly { envelope: Envelope }[],
    also?: (transaction: Transaction) => Promise<void>,
  ) {
    const handled: Envelope[] = [];
    const repeated: Envelope[] = [];
    await store.transaction(async (transaction) => {
      handled.length = repeated.length = 0;
      const ids = works.map(({ envelope }) => envelope.id);
      const fresh = new Set(await store.claim(transaction, consumer, ids));
      for (const { envelope } of works) {
        if (fresh.delete(envelope.id)) {
          await handlers[envelope.type]?.(transaction, envelope);
          handled.push(envelope);
        } else repeated.push(envelope);
      }
      await also?.(transaction);
    });
    events.onHandled?.(handled, repeated);
  }

  /** Does something until it is done or fails for a reason of its own: a store that is away is waited for. */
  async function whileAway(work: () => Promise<void>): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!store.isAway(error) || stopping.signal.aborted) throw error;
        events.onError?.(error);
        await clock.sleep(backoff(failures, AWAY, clock), stopping.signal);
      }
    }
  }

  async function ack(deliveries: readonly Delivery[], settlement: Settlement): Promise<void> {
    open.remove(deliveries);
    // Where the broker is away they come again, and the notes say that they were handled.
    if (deliveries.length > 0)
      await settlement.ack(deliveries).catch((error: unknown) => events.onError?.(error));
  }

  async function bury(
    { delivery, settlement }: Omit<Work, "envelope" | "key">,
    error: unknown,
    attempts: number,
  ) {
    const { id: messageId, channel, body: envelope } = delivery;
    const letter = { consumer, messageId, channel, envelope, error: describe(error), attempts };
    // Whatever keeps it from being stored: a message that is neither handled nor buried would hold up its key for good.
    for (let failures = 1; ; failures++) {
      try {
        await store.bury(letter);
        break;
      } catch (failure) {
        events.onError?.(failure);
        await clock.sleep(backoff(failures, AWAY, clock), stopping.signal);
        if (stopping.signal.aborted) return;
      }
    }
    events.onDeadLetter?.(letter);
    await ack([delivery], settlement);
  }

  /** Tries the messages of a key one after the other, from one that failed on, until there are none. */
  async function retryKey(key: string, works: Work[], firstError: unknown): Promise<void> {
    let error = firstError;
    for (let attempts = 1; works.length > 0 && !stopping.signal.aborted;) {
      const work = works[0]!;
      if (attempts > 0) {
        if (error instanceof PermanentError || attempts >= retry.attempts) {
          await bury(work, error, attempts);
          works.shift();
          attempts = 0;
          continue;
        }
        events.onRetry?.(work.envelope, attempts, error);
        await clock.sleep(backoff(attempts, retry, clock), stopping.signal);
        if (stopping.signal.aborted) return;
      }
      try {
        await whileAway(() => apply([work]));
        await ack([work.delivery], work.settlement);
        works.shift();
        attempts = 0;
      } catch (failure) {
        error = failure;
        attempts += 1;
      }
    }
    waiting.delete(key);
  }

  async function attempt(works: readonly Work[], settlement: Settlement): Promise<void> {
    if (works.length === 0) return;
    try {
      await whileAway(() => apply(works));
      await ack(
        works.map(({ delivery }) => delivery),
        settlement,
      );
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (works.length > 1) {
        for (const work of works) await attemptAlone(work);
      } else {
        const again = [...works];
        waiting.set(again[0]!.key, again);
        start(retryKey(again[0]!.key, again, error));
      }
    }
  }

  /** One whose key waits by now waits with it. */
  async function attemptAlone(work: Work): Promise<void> {
    const ahead = waiting.get(work.key);
    if (ahead) ahead.push(work);
    else await attempt([work], work.settlement);
  }

  async function extendOpen(): Promise<void> {
    extending = true;
    while (open.size > 0 && !stopping.signal.aborted) {
      await clock.sleep(extendMs, stopping.signal);
      if (stopping.signal.aborted) break;
      await open.each("old", (settlement, deliveries) => settlement.extend(deliveries).catch(events.onError));
    }
    extending = false;
  }

  return {
    async handle(batch, settlement) {
      open.add(batch, settlement);
      if (!extending) start(extendOpen());
      const fresh: Work[] = [];
      const ignored: Delivery[] = [];
      for (const delivery of batch) {
        let work: Work;
        try {
          work = readDelivery(delivery, settlement);
          if (delivery.deliveries > MOST_DELIVERIES)
            throw new Error(`handed over ${delivery.deliveries} times, and not settled once`);
        } catch (error) {
          await bury({ delivery, settlement }, error, delivery.deliveries);
          continue;
        }
        const ahead = waiting.get(work.key);
        if (!(work.envelope.type in handlers)) ignored.push(delivery);
        else if (ahead) ahead.push(work);
        else fresh.push(work);
      }
      await ack(ignored, settlement);
      await attempt(fresh, settlement);
      while (countWaiting(waiting) > MOST_WAITING && !stopping.signal.aborted)
        await clock.sleep(100, stopping.signal);
    },
    async redrive(letter) {
      try {
        const envelope = parseEnvelope(letter.envelope);
        await apply([{ envelope }], (transaction) => store.unbury(transaction, letter));
      } catch (error) {
        if (store.isAway(error)) throw error;
        const again = { ...letter, error: describe(error), attempts: letter.attempts + 1 };
        await store.bury(again);
        events.onDeadLetter?.(again);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(tasks);
      await open.each("all", (settlement, deliveries) => settlement.nack(deliveries).catch(events.onError));
    },
  };
}

function countWaiting(waiting: ReadonlyMap<string, readonly Work[]>): number {
  let count = 0;
  for (const works of waiting.values()) count += works.length;
  return count;
}

/** An error as it is kept: with its stack, which says where. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
