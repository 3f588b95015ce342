import type { Delivery, Envelope, OutgoingMessage, Settlement } from "@tributary/messaging/protocol";
import type { Random } from "../../ordering/random.fixture.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** How a broker treats its consumers badly within its contract; shares from 0 to 1. */
export interface BrokerFaults {
  /** A batch is handed over again long before its time. */
  handOverEarly: number;
  /** An acknowledgement does nothing, or does all and its answer is lost. */
  loseAck: number;
}

export interface BrokerOptions {
  readonly scheduler: Scheduler;
  /** The chance of what a consumer meets. */
  readonly randomOf: (consumer: string) => Random;
  readonly subscriptions: Readonly<Record<string, readonly string[]>>;
  readonly faults: BrokerFaults;
  readonly trace: (who: string, what: string) => void;
}

/** A broker as the port's contract allows it to be: at least once, in order for each key of a channel. */
export interface SimulatedBroker {
  publish(process: SimulatedProcess, messages: readonly OutgoingMessage[]): Promise<void>;
  subscribe(
    process: SimulatedProcess,
    options: {
      readonly channels: readonly string[];
      readonly consumer: string;
      readonly handle: (batch: readonly Delivery[], settlement: Settlement) => Promise<void>;
    },
  ): { stop(): Promise<void> };
  /** Starts anew: what was acknowledged in the last seconds is handed over again, in order. */
  restart(): void;
  /** How many messages are not settled. */
  waiting(): number;
  /** Every message that was stored, as often as it was, in order. */
  readonly stored: readonly OutgoingMessage[];
}

interface Item {
  readonly channel: string;
  readonly envelope: Envelope;
  deliveries: number;
  /** Until when it is handed over; 0 where it is not. */
  heldUntil: number;
}

interface Queue {
  readonly consumer: string;
  readonly channel: string;
  items: Item[];
  /** What was acknowledged, with when. */
  acked: { readonly item: Item; readonly at: number }[];
}

const HOLD_MS = 10_000;
const FORGETS_MS = 2_000;
const away = (what: string) => new Error(`the broker is away: ${what}`);

export function createSimulatedBroker(options: BrokerOptions): SimulatedBroker {
  const { scheduler, randomOf, subscriptions, faults, trace } = options;
  /** By consumer, channel and key. */
  const queues = new Map<string, Queue>();
  const stored: OutgoingMessage[] = [];
  /** Those who share a stream of chance are woken together, so that who has one of their own changes nothing for others. */
  const groups = new Map<Random, Set<() => void>>();
  const wake = (random: Random): void => groups.get(random)?.forEach((listener) => listener());
  const wakeAll = (): void => [...groups.keys()].forEach(wake);

  function store({ channel, envelope }: OutgoingMessage): void {
    const consumers = subscriptions[channel];
    if (consumers === undefined) throw new Error(`nobody has declared the channel ${channel}`);
    stored.push({ channel, envelope });
    for (const consumer of consumers) {
      const id = `${consumer} ${channel} ${envelope.aggregateId}`;
      let queue = queues.get(id);
      if (queue === undefined) queues.set(id, (queue = { consumer, channel, items: [], acked: [] }));
      queue.items.push({ channel, envelope, deliveries: 0, heldUntil: 0 });
    }
  }

  /** Takes what may be handed over now: of each key the first messages, where none of it is handed over. */
  function take(
    random: Random,
    consumer: string,
    channels: readonly string[],
  ): { queue: Queue; item: Item }[] {
    const now = scheduler.now();
    const free = [...queues.values()].filter(
      (queue) =>
        queue.consumer === consumer &&
        queue.items.length > 0 &&
        channels.includes(queue.channel) &&
        queue.items.every(({ heldUntil }) => heldUntil <= now),
    );
    const most = random.integer(1, 8);
    const taken: { queue: Queue; item: Item }[] = [];
    while (taken.length < most && free.length > 0) {
      const [queue] = free.splice(random.integer(0, free.length - 1), 1);
      const count = random.integer(1, Math.min(queue!.items.length, most - taken.length));
      for (const item of queue!.items.slice(0, count)) taken.push({ queue: queue!, item });
    }
    return taken;
  }

  const settle = (
    random: Random,
    process: SimulatedProcess,
    batch: ReadonlyMap<Delivery, { queue: Queue; item: Item }>,
  ) => {
    const each = (deliveries: readonly Delivery[], act: (queue: Queue, item: Item) => void): void => {
      for (const delivery of deliveries) {
        const { queue, item } = batch.get(delivery)!;
        if (queue.items.includes(item)) act(queue, item);
      }
      wake(random);
    };
    const settlement: Settlement = {
      ack: (deliveries) =>
        process.step(
          `acknowledge ${deliveries.map(({ id }) => short(id)).join(", ")}`,
          () => {
            const lost = random.next() < faults.loseAck;
            if (lost && random.next() < 0.5) throw away("the acknowledgement was lost");
            each(deliveries, (queue, item) => {
              queue.items.splice(queue.items.indexOf(item), 1);
              queue.acked = queue.acked.filter(({ at }) => scheduler.now() - at < FORGETS_MS);
              queue.acked.push({ item, at: scheduler.now() });
            });
            trace(process.name, `acknowledged ${deliveries.map(({ id }) => short(id)).join(", ")}`);
            if (lost) throw away("the answer to the acknowledgement was lost");
          },
          { to: "broker", away, outlives: true },
        ),
      nack: (deliveries) =>
        process.step("nack", () => each(deliveries, (_, item) => (item.heldUntil = 0)), {
          to: "broker",
          away,
        }),
      extend: (deliveries) =>
        process.step(
          "extend",
          () => {
            // One that was handed over again in the meantime is another's.
            each(deliveries, (_, item) => {
              if (item.heldUntil > scheduler.now()) hold(random, item, HOLD_MS);
            });
          },
          { to: "broker", away },
        ),
    };
    return settlement;
  };

  function hold(random: Random, item: Item, milliseconds: number): void {
    item.heldUntil = scheduler.now() + milliseconds;
    scheduler.after(milliseconds, () => wake(random));
  }

  return {
    stored,
    waiting: () => [...queues.values()].reduce((sum, { items }) => sum + items.length, 0),
    publish: (process, messages) =>
      process.step(
        `publish ${messages.length}`,
        () => {
          for (const message of messages) store(message);
          trace(process.name, `published ${messages.map(describe).join(", ")}`);
          wakeAll();
        },
        { to: "broker", away, outlives: true },
      ),
    subscribe(process, { channels, consumer, handle }) {
      const random = randomOf(consumer);
      const listeners = groups.get(random) ?? new Set();
      groups.set(random, listeners);
      let stopped = false;
      const isOpen = (): boolean => !stopped;
      let woken: (() => void) | null = null;
      // One that is frozen hears of nothing between a look and its answer: it looks again.
      let [wakes, wakesAtLook] = [0, 0];
      const listener = (): void => {
        if (!process.alive()) listeners.delete(listener);
        else {
          wakes += 1;
          woken?.();
        }
      };
      listeners.add(listener);
      const fetch = (): Map<Delivery, { queue: Queue; item: Item }> => {
        const batch = new Map<Delivery, { queue: Queue; item: Item }>();
        if (stopped) return batch;
        wakesAtLook = wakes;
        const taken = take(random, consumer, channels);
        const early = random.next() < faults.handOverEarly && taken.every(({ item }) => item.deliveries < 3);
        for (const { queue, item } of taken) {
          item.deliveries += 1;
          hold(random, item, early ? random.integer(1, 200) : HOLD_MS);
          const { channel, envelope, deliveries } = item;
          batch.set({ id: envelope.id, channel, body: envelope, deliveries }, { queue, item });
        }
        if (batch.size > 0)
          trace(
            process.name,
            `is handed ${[...batch.values()].map(({ item }) => describe(item)).join(", ")}`,
          );
        return batch;
      };
      const running = (async () => {
        while (isOpen()) {
          const taken = await process.step("fetch", fetch, { to: "broker", away }).catch(() => null);
          if (taken === null) {
            await process.clock.sleep(300);
          } else if (taken.size === 0 && wakes !== wakesAtLook && isOpen()) {
            continue;
          } else if (taken.size === 0) {
            await new Promise<void>((resolve) => {
              woken = () => process.resume(resolve);
              if (stopped) resolve();
            });
            woken = null;
          } else {
            await handle([...taken.keys()], settle(random, process, taken));
          }
        }
      })();
      return {
        async stop() {
          stopped = true;
          listeners.delete(listener);
          woken?.();
          await running;
        },
      };
    },
    restart() {
      trace("broker", "restarts");
      for (const queue of queues.values()) {
        const back = queue.acked.filter(({ at }) => scheduler.now() - at < FORGETS_MS);
        for (const item of queue.items) item.heldUntil = 0;
        queue.items.unshift(...back.map(({ item }) => ({ ...item, heldUntil: 0 })));
        queue.acked = [];
      }
      wakeAll();
    },
  };
}

/** A message in a trace. */
export function describe({ channel, envelope }: Pick<OutgoingMessage, "channel" | "envelope">): string {
  return `${envelope.type} ${short(envelope.id)} of ${short(envelope.aggregateId)} on ${channel}`;
}

/** The part of an id that differs. */
export function short(id: string): string {
  return id.slice(-5);
}
