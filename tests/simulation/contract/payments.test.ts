import { createPaymentStore, type Payment, type PaymentStore } from "@tributary/payment/protocol";
import { describe, expect, test } from "vitest";
import { createSimulatedPaymentStore } from "../stores/payments.ts";
import { at, customer, id, type Side, sides } from "./sides.fixture.ts";

describe.for(sides<PaymentStore>("payment", createPaymentStore, createSimulatedPaymentStore))(
  "payments %s",
  ([, start]) => {
    const requested = (orderId: string): Payment => {
      const [amount, none] = [10, 0].map((amountMinor) => ({ amountMinor, currency: "USD" }));
      return {
        id: id(),
        customerId: customer,
        orderId,
        reference: null,
        method: "CARD",
        amount: amount!,
        requestedAt: at,
        status: "REQUESTED",
        captured: none!,
        refunded: none!,
        declineReason: null,
        capturedAt: null,
        version: 1,
        updatedAt: at,
        ledger: [],
      };
    };
    const callOf = (paymentId: string, action: "AUTHORISE" | "REVERSE" | "REFUND" = "AUTHORISE") => ({
      id: id(),
      paymentId,
      action,
      amountMinor: 10,
      requestId: id(),
      correlationId: "somebody",
      traceparent: null,
    });
    async function withCall(side: Side<PaymentStore>) {
      const payment = requested(id());
      const call = callOf(payment.id);
      const { store, commit } = await side.begin();
      await store.insertPayment(payment);
      await store.addProviderCall(call);
      await commit();
      return { payment, call };
    }
    const lease = { most: 1_000, leaseMs: 15_000 };

    test.for([
      ["commits", "23505"],
      ["rolls back", "made"],
    ] as const)("a second payment of an order waits for the first: it %s", async ([how, expected]) => {
      const side = await start();
      const [first, second] = [await side.begin(), await side.begin()];
      const orderId = id();
      expect(await first.store.lockPaymentOfOrder(orderId)).toBeNull();
      await first.store.insertPayment(requested(orderId));
      expect(await second.store.lockPaymentOfOrder(orderId)).toBeNull();
      const call = second.store.insertPayment(requested(orderId)).then(
        () => "made",
        (error: Error & { code?: string }) => error.code,
      );
      await side.waits(call);
      await (how === "commits" ? first.commit() : first.rollback());
      expect(await call).toBe(expected);
      await second.rollback();
    });

    test("calls that another one is taking are left out, and are its own for a while", async () => {
      const side = await start();
      const { call } = await withCall(side);
      const [first, second] = [await side.begin(), await side.begin()];
      const taken = await first.store.takeProviderCalls(lease);
      expect(taken.map((each) => each.id)).toContain(call.id);
      expect(await second.store.takeProviderCalls(lease)).toEqual([]);
      await first.commit();
      expect(await second.store.takeProviderCalls(lease)).toEqual([]);
      await second.rollback();
    });

    test("no more calls are taken than were asked for, and none is left out", async () => {
      const side = await start();
      const ids = new Set<string>();
      for (let count = 0; count < 5; count++) ids.add((await withCall(side)).call.id);
      const { store, rollback } = await side.begin();
      let calls: readonly object[];
      do {
        calls = await store.takeProviderCalls({ most: 2, leaseMs: 15_000 });
        expect(calls.length).toBeLessThanOrEqual(2);
        for (const { id: taken } of calls as { id: string }[]) ids.delete(taken);
      } while (calls.length > 0);
      expect(ids).toEqual(new Set());
      await rollback();
    });

    test("a call is finished once: a second one waits, and finds that it is", async () => {
      const side = await start();
      const { call } = await withCall(side);
      const [first, second] = [await side.begin(), await side.begin()];
      expect(await first.store.endProviderCall(call.id)).toEqual({ ...call, attempts: 0, isFollowed: false });
      const again = second.store.endProviderCall(call.id);
      await side.waits(again);
      await first.commit();
      expect(await again).toBeNull();
      expect(await second.store.paymentOfCall(call.id)).toBeNull();
      await second.rollback();
    });

    test("a repeated request joins the last call while that is open, and is a call of its own once it is answered", async () => {
      const side = await start();
      const { payment, call } = await withCall(side);
      const { ledger: _, ...record } = payment;
      const [first, second] = [await side.begin(), await side.begin()];
      await first.store.endProviderCall(call.id);
      const later = callOf(payment.id);
      const noted = second.store.addProviderCall(later);
      await side.waits(noted);
      await first.commit();
      await noted;
      const taken = await second.store.takeProviderCalls(lease);
      expect(taken.find((each) => each.id === later.id)).toMatchObject({
        requestId: later.requestId,
        payment: record,
      });
      const joined = callOf(payment.id);
      await second.store.addProviderCall(joined);
      await second.store.addProviderCall(callOf(payment.id, "REVERSE"));
      expect(await second.store.hasOpenReversal(payment.id)).toBe(true);
      expect(await second.store.endProviderCall(later.id)).toMatchObject({
        requestId: joined.requestId,
        isFollowed: true,
      });
      expect(await second.store.endProviderCall(joined.id)).toBeNull();
      await second.rollback();
    });
  },
);
