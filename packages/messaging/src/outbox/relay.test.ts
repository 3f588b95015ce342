import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { OutgoingMessage } from "../broker/broker.ts";
import type { Clock } from "../clock.ts";
import { message } from "../messaging.fixture.ts";
import { createRelay, type OutboxRow } from "./relay.ts";

/** Time that stands still until somebody sleeps. */
function fakeClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
    random: () => 0.5,
    id: randomUUID,
  };
}

function setUp(count: number) {
  const rows: (OutboxRow & { marked: boolean })[] = Array.from({ length: count }, (_, index) => ({
    seq: String(index + 1),
    channel: "counter.events",
    envelope: message("k", { version: index + 1 }),
    marked: false,
  }));
  const published: string[] = [];
  const store = {
    unpublished: async (limit: number) => rows.filter(({ marked }) => !marked).slice(0, limit),
    async markPublished(batch: readonly OutboxRow[]) {
      for (const { seq } of batch) rows.find((row) => row.seq === seq)!.marked = true;
    },
  };
  const broker = {
    async publish(messages: readonly OutgoingMessage[]) {
      published.push(...messages.map(({ envelope }) => envelope.id));
    },
  };
  return { rows, published, store, broker, ids: rows.map(({ envelope }) => envelope.id) };
}

test("a relay that is cut off between publishing and marking publishes the same messages again, under their ids", async () => {
  const { published, store, broker, ids } = setUp(5);
  const cut = {
    ...store,
    markPublished: () => Promise.reject(new Error("killed")),
  };
  await expect(createRelay({ store: cut, broker, clock: fakeClock(), batchSize: 3 }).step()).rejects.toThrow(
    "killed",
  );
  const next = createRelay({ store, broker, clock: fakeClock(), batchSize: 3 });
  expect([await next.step(), await next.step(), await next.step()]).toEqual([3, 2, 0]);
  expect(published).toEqual([...ids.slice(0, 3), ...ids]);
});

test("a broker that is away is asked again after waits that grow, and what failed is marked by nobody", async () => {
  const { rows, store, broker, published, ids } = setUp(2);
  const clock = fakeClock();
  const stop = new AbortController();
  let failures = 0;
  const away = {
    async publish(messages: readonly OutgoingMessage[]) {
      if (++failures <= 8) throw new Error("away");
      await broker.publish(messages);
      stop.abort();
    },
  };
  const errors: unknown[] = [];
  await createRelay({ store, broker: away, clock, onError: (error) => errors.push(error) }).run(stop.signal);
  expect(errors).toHaveLength(8);
  expect(clock.slept.slice(0, 8)).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000]);
  expect(published).toEqual(ids);
  expect(rows.every(({ marked }) => marked)).toBe(true);
});
