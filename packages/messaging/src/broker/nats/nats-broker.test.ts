import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import { describeBroker } from "../broker-contract.fixture.ts";
import { subjectOf } from "./layout.ts";
import { message, until } from "../../messaging.fixture.ts";
import { createPurge } from "./purge.ts";
import { openNatsBroker } from "./nats-broker.ts";
import { hasNatsServer, startNatsServer } from "./nats-server.fixture.ts";
import { parseNatsUrl } from "./servers.ts";

describe.skipIf(!hasNatsServer)("with nats-server", () => {
  describeBroker("NATS JetStream", async () => {
    const server = await startNatsServer();
    return {
      async fresh() {
        const connection = await connect({ servers: server.url });
        const manager = await jetstreamManager(connection);
        for await (const name of manager.streams.names()) await manager.streams.delete(name);
        await connection.close();
        return server.url;
      },
      open: (url, subscriptions) => openNatsBroker({ url, subscriptions, onError() {} }),
      async restart() {
        await server.halt("SIGKILL");
        await server.start();
      },
      async sendRaw(url, { channel }, body) {
        const connection = await connect({ servers: url });
        connection.publish(subjectOf(channel, 3), body);
        await connection.drain();
      },
      stop: () => server.stop(),
    };
  });
});

test.skipIf(!hasNatsServer)(
  "what every consumer has acknowledged is purged at the second look, and nothing else",
  async () => {
    const server = await startNatsServer();
    const subscriptions = { "counter.events": ["one", "two"] };
    const broker = openNatsBroker({ url: server.url, subscriptions, onError() {} });
    const connection = await connect({ servers: server.url });
    try {
      const envelopes = Array.from({ length: 20 }, (_, index) => message(`k${index}`));
      await broker.publish(envelopes.map((envelope) => ({ channel: "counter.events", envelope })));
      const handled: Record<string, number> = { one: 0, two: 0 };
      const take = (consumer: string, refused: string) =>
        broker.subscribe({
          channels: ["counter.events"],
          consumer,
          async handle(batch, settlement) {
            const accepted = batch.filter(({ id }) => id !== refused);
            handled[consumer]! += accepted.length;
            await settlement.ack(accepted);
          },
        });
      await take("one", "");
      await take("two", envelopes[7]!.id);
      await until(() => handled["one"] === 20 && handled["two"]! >= 15);
      const manager = await jetstreamManager(connection);
      const purge = createPurge(manager, subscriptions);
      await purge();
      expect((await manager.streams.info("counter_events")).state.messages).toBe(20);
      await purge();
      const { state } = await manager.streams.info("counter_events");
      expect(state.messages).toBe(20 - handled["two"]!);
      expect(state.messages).toBeGreaterThan(0);
    } finally {
      await broker.close();
      await connection.close();
      await server.stop();
    }
  },
);

test("a URL names servers, credentials, TLS and replicas", () => {
  expect(parseNatsUrl("nats://u%40:p@a:4222,b:4222?replicas=3")).toEqual({
    servers: ["a:4222", "b:4222"],
    user: "u@",
    pass: "p",
    tls: false,
    replicas: 3,
  });
  expect(parseNatsUrl("tls://host")).toEqual({ servers: ["host"], tls: true, replicas: 1 });
});

test.for([
  "nats://",
  "http://a",
  "nats://u:secret@a?replicas=2",
  "nats://u:secret@a?colour=red",
  "nats:u:secret",
])("%s is refused, and its password is not shown", (url) => {
  expect(() => parseNatsUrl(url)).toThrow(/^the broker's NATS URL (?!.*secret)/);
});
