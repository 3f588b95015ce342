import { createCreditStore, type CreditStore } from "@tributary/customer/protocol";
import { describe, expect, test } from "vitest";
import { createSimulatedCreditStore } from "../stores/credit.ts";
import { customer, id, sides } from "./sides.fixture.ts";

describe.for(sides<CreditStore>("customer", createCreditStore, createSimulatedCreditStore))(
  "credit %s",
  ([, start]) => {
    const request = () => ({
      orderId: id(),
      customerId: customer,
      amount: { amountMinor: 10, currency: "USD" },
    });

    test("requests for one customer take turns, and each sees what the last one holds", async () => {
      const side = await start();
      const [first, second] = [await side.begin(), await side.begin()];
      const [one, two] = [request(), request()];
      await first.store.lockCustomer(customer);
      const [before] = (await first.store.readDecision(one)).held;
      await first.store.hold(one);
      const call = second.store.lockCustomer(customer);
      await side.waits(call);
      await first.commit();
      await call;
      const { held } = await second.store.readDecision(two);
      expect(held).toEqual([{ amountMinor: (before?.amountMinor ?? 0) + 10, currency: "USD" }]);
      expect(await second.store.readDecision(one)).toMatchObject({ status: "HELD", version: 1 });
      await expect(second.store.hold(one)).rejects.toMatchObject({ code: "23505" });
      await second.rollback();
    });

    test("of two refusals the first one stays", async () => {
      const side = await start();
      const [first, second] = [await side.begin(), await side.begin()];
      const one = request();
      await first.store.refuse(one, "RELEASED");
      const call = second.store.refuse(one, "UNKNOWN_CUSTOMER");
      await side.waits(call);
      await first.commit();
      await call;
      expect(await second.store.readDecision(one)).toMatchObject({ status: null, refusal: "RELEASED" });
      await second.rollback();
    });

    test("nobody waits for a customer who is not there", async () => {
      const side = await start();
      const [first, second] = [await side.begin(), await side.begin()];
      const nobody = id();
      expect(await first.store.lockCustomer(nobody)).toBeNull();
      expect(await second.store.lockCustomer(nobody)).toBeNull();
      await first.rollback();
      await second.rollback();
    });
  },
);
