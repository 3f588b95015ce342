import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Delivery, Settlement } from "../broker/broker.ts";
import type { Clock } from "../clock.ts";
import { message } from "../messaging.fixture.ts";
import { createConsumer } from "./consumer.ts";
import { PermanentError, type ConsumerStore, type DeadLetter } from "./store.ts";

/** Time that stands still until somebody sleeps; who sleeps for seconds waits for the end. */
const clock: Clock = {
  now: () => 0,
  sleep: (milliseconds, signal) =>
    milliseconds < 3_000
      ? Promise.resolve()
      : new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
  random: () => 0.5,
  id: randomUUID,
};

function delivered(body: unknown, deliveries = 1): Delivery {
  return { id: randomUUID(), channel: "counter.events", body, deliveries };
}

test("a dead letter that the database refused at first held up its aggregate for good", async () => {
  const buried: DeadLetter[] = [];
  const handled: string[] = [];
  const acked: Delivery[] = [];
  const errors: unknown[] = [];
  let refusals = 3;
  const store: ConsumerStore<null> = {
    transaction: (effect) => effect(null),
    claim: async (_, __, ids) => new Set(ids),
    async bury(letter) {
      if (refusals-- > 0) throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
      buried.push(letter);
    },
    async unbury() {},
    isAway: () => false,
  };
  const consumer = createConsumer({
    consumer: "counting",
    store,
    clock,
    handlers: {
      async Counted(_, envelope) {
        if (envelope.aggregateVersion === 1) throw new PermanentError("poison");
        handled.push(envelope.id);
      },
    },
    events: { onError: (error) => errors.push(error) },
  });
  const settlement: Settlement = {
    ack: async (deliveries) => void acked.push(...deliveries),
    async nack() {},
    async extend() {},
  };
  const [poison, next] = [message("k", { version: 1 }), message("k", { version: 2 })];
  await consumer.handle([delivered(poison), delivered(next)], settlement);
  await expect.poll(() => acked.length).toBe(2);
  expect(buried.map(({ envelope }) => envelope)).toEqual([poison]);
  expect(handled).toEqual([next.id]);
  expect(errors).toHaveLength(3);

  // One that is no message is buried while the batch is handled: that never rejects.
  refusals = 2;
  await consumer.handle([delivered("no message")], settlement);
  expect(buried).toHaveLength(2);
  await consumer.stop();
});
