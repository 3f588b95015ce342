import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Envelope } from "../message/envelope.ts";
import { message, until } from "../messaging.fixture.ts";
import type { Broker, Delivery, Settlement, SubscribeOptions, Subscriptions } from "./broker.ts";

/** A broker's server, as the contract suite needs it. */
export interface BrokerUnderTest {
  /** @returns the connection URL of a broker that holds nothing */
  fresh(): Promise<string>;
  open(url: string, subscriptions: Subscriptions): Broker;
  /** Ends the server and starts it again, with what it had stored. */
  restart(): Promise<void>;
  /** Sends a body that is no message, past the adapter. */
  sendRaw(url: string, to: { channel: string; consumer: string }, body: string): Promise<void>;
  stop(): Promise<void>;
}

const CHANNEL = "counter.events";
const CONSUMER = "counting";

/**
 * What every broker keeps, after the list of Watermill's suite: the counts and the moments of the restarts are the same
 * for all.
 */
export function describeBroker(name: string, start: () => Promise<BrokerUnderTest>): void {
  describe(`${name} as a broker`, () => {
    let server: BrokerUnderTest;
    let url: string;
    let brokers: Broker[];
    let children: ChildProcess[];
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());
    beforeEach(async () => {
      brokers = [];
      children = [];
      url = await server.fresh();
    });
    afterEach(async () => {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(brokers.map((broker) => broker.close()));
    });

    const open = (subscriptions: Subscriptions = { [CHANNEL]: [CONSUMER] }) => {
      const broker = server.open(url, subscriptions);
      brokers.push(broker);
      return broker;
    };
    const publish = (broker: Broker, envelopes: readonly Envelope[], channel = CHANNEL) =>
      broker.publish(envelopes.map((envelope) => ({ channel, envelope })));
    const subscribe = (
      broker: Broker,
      handle: SubscribeOptions["handle"],
      { consumer = CONSUMER, channels = [CHANNEL] } = {},
    ) => broker.subscribe({ channels, consumer, handle });
    /** Acknowledges all, and keeps them in the order in which they came. */
    function collector(): { received: Delivery[]; handle: SubscribeOptions["handle"] } {
      const received: Delivery[] = [];
      return {
        received,
        async handle(batch, settlement) {
          received.push(...batch);
          await settlement.ack(batch);
        },
      };
    }
    const idsOf = (deliveries: readonly Delivery[]) => new Set(deliveries.map(({ id }) => id));

    test("publish and subscribe: what comes is what was sent", async () => {
      const broker = open();
      const { received, handle } = collector();
      await subscribe(broker, handle);
      const sent = message("ä €\u{1f600}", { data: { text: 'ü\n"\\', n: 1.5, list: [null, true] } });
      await publish(broker, [sent]);
      await until(() => received.length === 1);
      expect(received[0]).toMatchObject({ id: sent.id, channel: CHANNEL, body: sent, deliveries: 1 });
    });

    test("every consumer of a channel gets every message, and none of another channel", async () => {
      const broker = open({ "a.events": ["one", "two"], "b.events": ["two"] });
      const [one, two] = [collector(), collector()];
      await subscribe(broker, one.handle, { consumer: "one", channels: ["a.events"] });
      await subscribe(broker, two.handle, { consumer: "two", channels: ["a.events", "b.events"] });
      const [a, b] = [message("x"), message("x")];
      await publish(broker, [a], "a.events");
      await publish(broker, [b], "b.events");
      await until(() => two.received.length === 2 && one.received.length === 1);
      expect(one.received.map(({ channel, id }) => [channel, id])).toEqual([["a.events", a.id]]);
      expect(idsOf(two.received)).toEqual(new Set([a.id, b.id]));
    });

    test("a consumer that first starts after the publishing has missed nothing", async () => {
      const sent = Array.from({ length: 20 }, (_, index) => message(`k${index % 3}`));
      await publish(open(), sent);
      await brokers[0]!.close();
      const { received, handle } = collector();
      await subscribe(open(), handle);
      await until(() => received.length === 20);
      expect(idsOf(received)).toEqual(new Set(sent.map(({ id }) => id)));
    });

    test("5,000 messages that are published concurrently all arrive", async () => {
      const broker = open();
      const { received, handle } = collector();
      await subscribe(broker, handle);
      const sent = Array.from({ length: 5_000 }, (_, index) => message(`k${index % 500}`));
      const parts = Array.from({ length: 50 }, (_, part) => sent.slice(part * 100, part * 100 + 100));
      await Promise.all(parts.map((part) => publish(broker, part)));
      await until(() => idsOf(received).size === 5_000);
      expect(idsOf(received)).toEqual(new Set(sent.map(({ id }) => id)));
    });

    test("1,000 messages of each of 3 aggregates arrive in order, over 3 processes' worth of consumers", async () => {
      const publisher = open();
      const received: Delivery[] = [];
      for (let worker = 0; worker < 3; worker++) {
        await subscribe(open(), async (batch, settlement) => {
          for (const delivery of batch) {
            // Others get their chance in the middle of it.
            if (Math.random() < 0.05) await new Promise((done) => setTimeout(done, 2));
            received.push(delivery);
          }
          await settlement.ack(batch);
        });
      }
      const sent = Array.from({ length: 3_000 }, (_, index) =>
        message(`k${index % 3}`, { version: Math.floor(index / 3) + 1 }),
      );
      for (let from = 0; from < sent.length; from += 100)
        await publish(publisher, sent.slice(from, from + 100));
      await until(() => idsOf(received).size === 3_000);
      for (const key of ["k0", "k1", "k2"]) {
        const versions = firstVersions(received, key);
        expect(versions).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
      }
    });

    test("messages of an aggregate whose ids do not ascend keep the order in which they were published", async () => {
      const broker = open();
      const { received, handle } = collector();
      const sent = Array.from({ length: 50 }, (_, index) => message("k", { version: index + 1 })).map(
        (envelope, index, all) => ({ ...envelope, id: all[(index * 7) % 50]!.id }),
      );
      await publish(broker, sent);
      await subscribe(broker, handle);
      await until(() => received.length === 50);
      expect(firstVersions(received, "k")).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    });

    test("processes of a consumer share its messages, and one that stops leaves them to the others", async () => {
      const publisher = open();
      const workers = [collector(), collector()];
      const subscriptions = await Promise.all(workers.map(({ handle }) => subscribe(open(), handle)));
      const send = async (count: number) => {
        for (let index = 0; index < count; index += 20) {
          await publish(
            publisher,
            Array.from({ length: 20 }, (_, key) => message(`k${index + key}`)),
          );
        }
      };
      const total = () => workers[0]!.received.length + workers[1]!.received.length;
      await send(600);
      await until(() => total() >= 600);
      expect(workers.every(({ received }) => received.length > 0)).toBe(true);
      await subscriptions[0]!.stop();
      const before = workers[0]!.received.length;
      await send(200);
      await until(() => total() >= 800);
      expect(workers[0]!.received.length).toBe(before);
    });

    test("what is handed back comes again, before what came after it", async () => {
      const broker = open();
      const received: Delivery[] = [];
      await subscribe(broker, async (batch, settlement) => {
        for (const delivery of batch) {
          received.push(delivery);
          // The rest of the batch goes back too, as it is behind this one.
          if (delivery.deliveries === 1 && delivery.id === sent[0]!.id) {
            await settlement.nack(batch);
            return;
          }
        }
        await settlement.ack(batch);
      });
      const sent = [message("k", { version: 1 }), message("k", { version: 2 })];
      await publish(broker, sent);
      await until(() => idsOf(received).size === 2);
      expect(received[0]).toMatchObject({ id: sent[0]!.id, deliveries: 1 });
      const again = received.findIndex(({ id, deliveries }) => id === sent[0]!.id && deliveries === 2);
      expect(again).toBeGreaterThan(0);
      expect(received.findLastIndex(({ id }) => id === sent[1]!.id)).toBeGreaterThan(again);
    });

    test("one that is not settled holds up its own aggregate, and no other", async () => {
      const broker = open();
      const received: Delivery[] = [];
      let held: { delivery: Delivery; settlement: Settlement } | undefined;
      await subscribe(broker, async (batch, settlement) => {
        for (const delivery of batch) {
          if (held === undefined && (delivery.body as Envelope).aggregateId === "held")
            held = { delivery, settlement };
          else if ((delivery.body as Envelope).aggregateId === "held" && received.length < 100)
            throw new Error("the next one came before the last one was settled");
          else {
            received.push(delivery);
            await settlement.ack([delivery]);
          }
        }
      });
      const others = Array.from({ length: 200 }, (_, index) => message(`k${index}`));
      await publish(broker, [message("held", { version: 1 })]);
      await until(() => held !== undefined);
      await publish(broker, others);
      await until(() => received.length >= 150);
      await held!.settlement.ack([held!.delivery]);
      await publish(broker, [message("held", { version: 2 })]);
      await until(() => received.length === 201);
      expect(received.at(-1)?.body).toMatchObject({ aggregateId: "held" });
    });

    test("what a process held that was killed comes to another one", async () => {
      const publisher = open();
      const sent = Array.from({ length: 200 }, (_, index) =>
        message(`k${index % 40}`, { version: Math.floor(index / 40) + 1 }),
      );
      await publish(publisher, sent);
      const child = spawn(
        process.execPath,
        [fileURLToPath(new URL("holding-consumer.fixture.ts", import.meta.url)), url, CHANNEL, CONSUMER],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      children.push(child);
      await once(child.stdout, "data"); // it holds some
      const { received, handle } = collector();
      await subscribe(open(), handle);
      child.kill("SIGKILL");
      await until(() => idsOf(received).size === 200, 90_000);
      for (let key = 0; key < 40; key++) expect(firstVersions(received, `k${key}`)).toEqual([1, 2, 3, 4, 5]);
    });

    test("10,000 messages arrive in order though the broker is restarted a third and half of the way", async () => {
      const publisher = open();
      const { received, handle } = collector();
      await subscribe(open(), handle);
      const sent = Array.from({ length: 10_000 }, (_, index) =>
        message(`k${index % 100}`, { version: Math.floor(index / 100) + 1 }),
      );
      const restarts = [Math.floor(10_000 / 3), 5_000];
      let restarting: Promise<void> = Promise.resolve();
      for (let from = 0; from < sent.length; from += 100) {
        if (restarts.some((at) => at >= from && at < from + 100)) restarting = server.restart();
        const part = sent.slice(from, from + 100);
        // As a relay does: again until it is known to be stored.
        while (
          !(await publish(publisher, part).then(
            () => true,
            () => false,
          ))
        )
          await new Promise((done) => setTimeout(done, 100));
      }
      await restarting;
      await until(() => idsOf(received).size === 10_000, 110_000);
      for (let key = 0; key < 100; key++)
        expect(firstVersions(received, `k${key}`)).toEqual(
          Array.from({ length: 100 }, (_, index) => index + 1),
        );
    }, 180_000);

    test("closing while it publishes loses nothing that was acknowledged", async () => {
      const publisher = open();
      const sent = Array.from({ length: 2_000 }, (_, index) => message(`k${index % 50}`));
      const acknowledged: Envelope[] = [];
      const publishing = Promise.allSettled(
        Array.from({ length: 40 }, async (_, part) => {
          const mine = sent.slice(part * 50, part * 50 + 50);
          for (let from = 0; from < 50; from += 10) {
            await publish(publisher, mine.slice(from, from + 10));
            acknowledged.push(...mine.slice(from, from + 10));
          }
        }),
      );
      await until(() => acknowledged.length > 100);
      await publisher.close();
      await publishing;
      const { received, handle } = collector();
      await subscribe(open(), handle);
      // Some that were stored and not acknowledged may come before them.
      await until(() => {
        const arrived = idsOf(received);
        return acknowledged.every(({ id }) => arrived.has(id));
      });
      expect(idsOf(received).size).toBeGreaterThanOrEqual(acknowledged.length);
    });

    test("a body that is no message is handed over as it is, and holds nothing up", async () => {
      const broker = open();
      const { received, handle } = collector();
      await subscribe(broker, handle);
      await publish(broker, [message("before")]);
      await server.sendRaw(url, { channel: CHANNEL, consumer: CONSUMER }, '{"no":"message"}');
      await publish(broker, [message("after")]);
      await until(() => received.length === 3);
      const raw = received.find(({ body }) => (body as Partial<Envelope>).id === undefined);
      expect(raw).toMatchObject({ body: { no: "message" }, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    });

    test("what is not settled by its deadline comes again, and the late settlement does no harm", async () => {
      const broker = open();
      const received: { delivery: Delivery; settlement: Settlement }[] = [];
      await subscribe(broker, async (batch, settlement) => {
        for (const delivery of batch) {
          received.push({ delivery, settlement });
          if (received.length > 1) await settlement.ack([delivery]);
        }
      });
      await publish(broker, [message("k", { version: 1 }), message("k", { version: 2 })]);
      await until(() => received.length >= 3, 60_000);
      const late = received[0]!;
      await late.settlement.ack([late.delivery]);
      expect(received.map(({ delivery }) => (delivery.body as Envelope).aggregateVersion)).toEqual([1, 1, 2]);
      expect(received[1]!.delivery.deliveries).toBe(2);
    });

    test("a slow consumer that extends its deadline is left alone", async () => {
      const broker = open();
      let deliveries = 0;
      const { received, handle } = collector();
      const slow: SubscribeOptions["handle"] = async (batch, settlement) => {
        deliveries += batch.length;
        for (let second = 0; second < 18; second++) {
          await new Promise((done) => setTimeout(done, 1_000));
          await settlement.extend(batch);
        }
        await handle(batch, settlement);
      };
      await subscribe(broker, slow);
      await subscribe(open(), slow);
      await publish(broker, [message("k")]);
      await until(() => received.length === 1);
      expect(deliveries).toBe(1);
    });

    test("a message that is published again while it waits is stored once", async () => {
      const broker = open();
      const sent = [message("k", { version: 1 }), message("k", { version: 2 })];
      await publish(broker, sent);
      await publish(broker, [sent[0]!, sent[0]!, sent[1]!]);
      const { received, handle } = collector();
      await subscribe(broker, handle);
      await until(() => received.length >= 2);
      await publish(broker, [message("last")]);
      await until(() => received.some(({ body }) => (body as Envelope).aggregateId === "last"));
      expect(received).toHaveLength(3);
    });

    test("lag tells what waits, and what is being handled", async () => {
      const broker = open({ [CHANNEL]: [CONSUMER, "other"] });
      const { handle } = collector();
      await subscribe(broker, handle, { consumer: "other" });
      await publish(broker, [message("a"), message("b"), message("c")]);
      const lag = async () => {
        const lines = await broker.lag();
        return lines.map(({ consumer, waiting, inFlight }) => `${consumer} ${waiting} ${inFlight}`).sort();
      };
      await until(async () => (await lag()).includes(`${CONSUMER} 3 0`), 30_000);
      await until(async () => (await lag()).includes("other 0 0"), 30_000);
      expect(await lag()).toEqual([`${CONSUMER} 3 0`, "other 0 0"]);
    });

    test("a channel and a consumer that are not declared are refused by name", async () => {
      const broker = open();
      await expect(publish(broker, [message("k")], "no.such")).rejects.toThrow("no.such");
      await expect(subscribe(broker, async () => {}, { consumer: "nobody" })).rejects.toThrow("nobody");
    });
  });
}

/** The versions of an aggregate's messages, by when each came first. */
function firstVersions(received: readonly Delivery[], key: string): number[] {
  const seen = new Set<string>();
  return received.flatMap(({ id, body }) => {
    const envelope = body as Envelope;
    if (envelope.aggregateId !== key || seen.has(id)) return [];
    seen.add(id);
    return [envelope.aggregateVersion];
  });
}
