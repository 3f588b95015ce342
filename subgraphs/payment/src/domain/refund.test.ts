import { expect, it } from "vitest";
import { createMoney } from "./money.ts";
import { refundFaults, type Refund } from "./refund.ts";

const sound: Refund = {
  paymentId: "018d0000-0000-7000-8000-000000000001",
  amount: createMoney(1, "USD"),
  reason: "one was broken",
  expectedVersion: 1,
  idempotencyKey: "k",
};

it("a sound refund has no faults, up to the longest texts", () => {
  expect(refundFaults(sound)).toEqual([]);
  expect(refundFaults({ ...sound, reason: "r".repeat(500), idempotencyKey: "k".repeat(255) })).toEqual([]);
});

it("every fault is listed at once", () => {
  const faults = refundFaults({
    paymentId: "",
    amount: createMoney(0, "USD"),
    reason: " \n",
    expectedVersion: 0,
    idempotencyKey: "",
  });
  expect(faults.map(({ path }) => path)).toEqual([
    "amount.amountMinor",
    "reason",
    "expectedVersion",
    "idempotencyKey",
  ]);
});

it.each([
  ["reason", { reason: "r".repeat(501) }],
  ["reason", { reason: "a\0b" }],
  ["reason", { reason: "\ud800" }],
  ["idempotencyKey", { idempotencyKey: "k".repeat(256) }],
  ["idempotencyKey", { idempotencyKey: "a\0b" }],
  ["idempotencyKey", { idempotencyKey: "\udc00" }],
  ["amount.amountMinor", { amount: createMoney(-1, "USD") }],
])("a fault of %s is found: %j", (path, change) => {
  expect(refundFaults({ ...sound, ...change })).toEqual([{ path, message: expect.stringContaining("must") }]);
});
