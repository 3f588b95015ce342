import {
  createOrderStore,
  fold,
  toRow,
  type OrderRow,
  type OrderStore,
  type Saga,
} from "@tributary/order/protocol";
import { describe, expect, test } from "vitest";
import { createSimulatedOrderStore } from "../stores/orders.ts";
import { at, customer, id, message, type Open, type Side, sides } from "./sides.fixture.ts";

describe.for(sides("order", createOrderStore, createSimulatedOrderStore))("orders %s", ([, start]) => {
  async function placed(side: Side<OrderStore>): Promise<{ order: OrderRow; saga: Saga }> {
    const orderId = id();
    const event = {
      id: id(),
      orderId,
      version: 1,
      type: "OrderCreated",
      occurredAt: at,
      data: {
        customerId: customer,
        number: `O-${orderId}`,
        currency: "USD",
        paymentTerms: "PREPAID",
        lines: [{ lineNumber: 1, productCode: "P", productName: "p", quantity: 1, unitPriceMinor: 5 }],
        requiredBy: null,
        comments: null,
        sourceStatus: null,
        sourceShippedAt: null,
      },
    } as const;
    const state = fold([event])!;
    const saga = {
      orderId,
      step: "RESERVE_CREDIT",
      requestId: id(),
      attempts: 1,
      deadline: at,
      traceparent: null,
    } as const;
    const { store, commit } = await side.begin();
    await store.insertOrder(state, { event, saga });
    await commit();
    return { order: toRow(state), saga };
  }
  const moved = ({ order, saga }: { order: OrderRow; saga: Saga }) =>
    [
      { order: { ...order, status: "CREDIT_RESERVED", version: 2 }, saga: { ...saga, attempts: 2 } },
      {
        before: 1,
        events: [
          { id: id(), orderId: order.id, version: 2, type: "OrderCreditReserved", data: {}, occurredAt: at },
        ],
        at,
      },
    ] as Parameters<OrderStore["saveOrder"]>;

  test.for(["lockOrder", "lockOrderOfSaga"] as const)(
    "%s waits, and sees what the other one committed",
    async (method) => {
      const side = await start();
      const before = await placed(side);
      const [first, second] = [await side.begin(), await side.begin()];
      await first.store[method](before.order.id);
      const call = second.store[method](before.order.id);
      await side.waits(call);
      await first.store.saveOrder(...moved(before));
      await first.commit();
      expect(await call).toMatchObject({ order: { version: 2 }, saga: { attempts: 2 } });
      await expect(second.store.saveOrder(...moved(before))).rejects.toThrow();
      await second.rollback();
    },
  );

  test("what is rolled back was never there, and nobody waits for it any more", async () => {
    const side = await start();
    const before = await placed(side);
    const [first, second] = [await side.begin(), await side.begin()];
    await first.store.lockOrder(before.order.id);
    const call = second.store.lockOrder(before.order.id);
    await side.waits(call);
    await first.store.saveOrder(...moved(before));
    await first.rollback();
    expect(await call).toEqual(before);
    await second.rollback();
  });

  test("overdue orders that another one has locked are left out", async () => {
    const side = await start();
    const { order } = await placed(side);
    const other = await placed(side);
    const [first, second] = [await side.begin(), await side.begin()];
    await first.store.lockOrder(order.id);
    const ids = (await second.store.lockOverdueOrders(at, 1_000)).map((each) => each.order.id);
    expect(ids).toContain(other.order.id);
    expect(ids).not.toContain(order.id);
    await first.rollback();
    await second.rollback();
  });

  test("of two transactions that wait for each other one fails, and the other goes on", async () => {
    const side = await start();
    const [one, two] = [await placed(side), await placed(side)];
    const [first, second] = [await side.begin(), await side.begin()];
    await first.store.lockOrder(one.order.id);
    await second.store.lockOrder(two.order.id);
    const call = first.store.lockOrder(two.order.id);
    await side.waits(call);
    const results = await Promise.all(
      [
        [first, call],
        [second, second.store.lockOrder(one.order.id)],
      ].map(async ([transaction, each]) => {
        const result = await (each as Promise<unknown>).then(
          () => "went on",
          (error: Error & { code?: string }) => error.code,
        );
        await (transaction as Open<OrderStore>).rollback();
        return result;
      }),
    );
    expect(results.sort()).toEqual(["40P01", "went on"]);
  });

  test.for([
    ["commits", [], false],
    ["rolls back", ["id"], true],
  ] as const)(
    "a message, and a key, that another one is taking is waited for: it %s",
    async ([how, fresh, isFree]) => {
      const side = await start();
      const [first, second] = [await side.begin(), await side.begin()];
      const [messageId, key] = [id(), { operation: "placeOrder", caller: "somebody", key: id() }];
      expect(await first.store.claim([messageId])).toEqual([messageId]);
      expect(await first.store.claimKey(key, "a".repeat(64))).toBe(true);
      await first.store.keepAnswer(key, { answer: 1 });
      const call = second.store.claim([messageId]);
      await side.waits(call);
      await (how === "commits" ? first.commit() : first.rollback());
      expect(await call).toEqual(fresh.map(() => messageId));
      expect(await second.store.claimKey(key, "b".repeat(64))).toBe(isFree);
      expect(await second.store.readAnswer(key)).toMatchObject({ answer: isFree ? null : { answer: 1 } });
      await second.rollback();
    },
  );

  test("a message that commits after one with a higher number comes before it", async () => {
    const side = await start();
    const [first, second] = [await side.begin(), await side.begin()];
    const [early, late] = [message(id()), message(id())];
    await first.store.send([early]);
    await second.store.send([late]);
    await second.commit();
    expect((await side.unpublished()).slice(-1)).toEqual([late.envelope.id]);
    await first.commit();
    expect((await side.unpublished()).slice(-2)).toEqual([early.envelope.id, late.envelope.id]);
  });
});
