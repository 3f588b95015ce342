import { expect, test } from "vitest";
import { createEnvelope } from "@tributary/messaging";
import { createWatermark } from "./watermark.ts";

const CHANNELS = ["customer.events", "order.events", "payment.events"];
const idle = CHANNELS.map((channel) => ({ channel, consumer: "history", waiting: 0, inFlight: 0 }));
const T = Date.UTC(2026, 0, 1);
const event = (aggregateType: string, at: number) =>
  createEnvelope({
    ...{
      type: "Something",
      aggregateType,
      aggregateId: "a",
      aggregateVersion: 1,
      correlationId: "c",
      data: {},
    },
    occurredAt: new Date(at),
  });

test("nothing is promised before every channel was seen, and while the view lacks what was there before", () => {
  const watermark = createWatermark();
  watermark.whole(true);
  watermark.observed(idle.slice(0, 2), T);
  expect(watermark.asOf()).toBeNull();
  watermark.observed(idle, T);
  expect(watermark.asOf()).toEqual(new Date(T - 5_000));
  watermark.whole(false);
  expect(watermark.asOf()).toBeNull();
});

test("a channel with messages that wait holds the moment back, and what was handled moves it on, never backwards", () => {
  const watermark = createWatermark();
  watermark.whole(true);
  watermark.observed(idle, T);
  watermark.observed([{ ...idle[1]!, waiting: 3 }, idle[0]!, { ...idle[2]!, inFlight: 1 }], T + 60_000);
  expect(watermark.asOf()).toEqual(new Date(T - 5_000));
  // The oldest of a batch: what is older than that was handled before.
  watermark.handled([event("order", T + 30_000), event("order", T + 20_000), event("payment", T + 40_000)]);
  expect(watermark.asOf()).toEqual(new Date(T + 20_000));
  watermark.handled([event("order", T)]); // it had waited for another attempt
  expect(watermark.asOf()).toEqual(new Date(T + 20_000));
  watermark.handled([event("credit-reservation", T + 1), event("snapshot", T + 99_000)]);
  expect(watermark.asOf()).toEqual(new Date(T + 20_000));
  watermark.observed(idle, T + 90_000);
  expect(watermark.asOf()).toEqual(new Date(T + 85_000));
});
