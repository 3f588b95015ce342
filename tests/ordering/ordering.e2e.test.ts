import { randomUUID } from "node:crypto";
import { startStack, type Stack } from "@tributary/stack";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createShop, type OrderSeen } from "./ordering.fixture.ts";

let stack: Stack;
let admin: string;
let shop: ReturnType<typeof createShop>;
/** A product, and what one costs in USD. */
let product: { code: string; priceMinor: number };

beforeAll(async () => {
  stack = await startStack({ seedCustomers: 5, env: { SIMULATED_PROVIDER_DECLINE: "0" } });
  admin = await stack.token("admin");
  shop = createShop(stack, admin);
  const { data } = await shop.ask(
    admin,
    "{ products(first: 1) { nodes { code price { amountMinor } } } }",
    {},
  );
  const [first] = data.products.nodes;
  product = { code: first.code, priceMinor: first.price.amountMinor };
});
afterAll(() => stack?.stop());

const lines = (quantity = 1) => [{ productCode: product.code, quantity }];

async function placed(token: string, input: Record<string, unknown>): Promise<OrderSeen> {
  const { answer, errors } = await shop.mutate(token, "place-order", input);
  expect(errors).toEqual([]);
  return answer?.["order"] as OrderSeen;
}

describe("an order", () => {
  it("is PENDING at once, and CONFIRMED when credit is held and the payment captured", async () => {
    const buyer = await shop.newBuyer(product.priceMinor * 10);
    const order = await placed(buyer.token, { lines: lines(2) });
    expect(order).toMatchObject({ status: "PENDING", version: 1 });
    const seen = await shop.waitFor(buyer.token, order.id, "CONFIRMED", "REJECTED", "CANCELLED");
    expect(seen.history.map(({ type }) => type)).toEqual([
      "ORDER_CREATED",
      "ORDER_CREDIT_RESERVED",
      "ORDER_PAYMENT_AUTHORISED",
      "ORDER_CONFIRMED",
    ]);
    expect(seen.payments.nodes).toEqual([{ status: "CAPTURED" }]);
    expect(await shop.creditHeld(buyer.id)).toBe(product.priceMinor * 2);
  });

  it("on account has no payment of its own", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const { id } = await placed(buyer.token, { lines: lines(), paymentTerms: "ON_ACCOUNT" });
    const seen = await shop.waitFor(buyer.token, id, "CONFIRMED", "REJECTED");
    expect(seen).toMatchObject({ status: "CONFIRMED", payments: { nodes: [] } });
  });

  it("beyond the credit limit is REJECTED, says why, and holds nothing", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const { id } = await placed(buyer.token, { lines: lines(2) });
    const seen = await shop.waitFor(buyer.token, id, "CONFIRMED", "REJECTED");
    expect(seen).toMatchObject({ status: "REJECTED", rejectionReason: "INSUFFICIENT_CREDIT" });
    expect(await shop.creditHeld(buyer.id)).toBe(0);
  });

  it("of a customer that does not exist is REJECTED", async () => {
    const { id } = await placed(admin, { customerId: randomUUID(), lines: lines() });
    const seen = await shop.waitFor(admin, id, "CONFIRMED", "REJECTED");
    expect(seen).toMatchObject({ status: "REJECTED", rejectionReason: "UNKNOWN_CUSTOMER" });
  });

  it("never holds more than the limit with others that are placed at the same moment", async () => {
    const buyer = await shop.newBuyer(product.priceMinor * 10);
    const orders = await Promise.all(
      Array.from({ length: 8 }, () => placed(buyer.token, { lines: lines(3) })),
    );
    const ends = await Promise.all(
      orders.map(({ id }) => shop.waitFor(buyer.token, id, "CONFIRMED", "REJECTED")),
    );
    expect(ends.filter(({ status }) => status === "CONFIRMED")).toHaveLength(3);
    expect(await shop.creditHeld(buyer.id)).toBe(product.priceMinor * 9);
  });

  it("placed twice under one key is one order, and the same answer", async () => {
    const buyer = await shop.newBuyer(product.priceMinor * 10);
    const input = { lines: lines(), idempotencyKey: randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => placed(buyer.token, input)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const other = await shop.mutate(buyer.token, "place-order", { ...input, lines: lines(2) });
    expect(other.answer).toEqual({ message: expect.stringContaining("used before") });
  });
});

describe("a cancellation", () => {
  it("of a confirmed order refunds the payment and releases the credit", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const { id } = await placed(buyer.token, { lines: lines() });
    await shop.waitFor(buyer.token, id, "CONFIRMED");
    const { answer } = await shop.mutate(buyer.token, "cancel-order", {
      orderId: id,
      reason: "changed my mind",
    });
    expect(answer).toMatchObject({ order: { status: "CANCELLING" } });
    const seen = await shop.waitFor(buyer.token, id, "CANCELLED");
    expect(seen.payments.nodes).toEqual([{ status: "REFUNDED" }]);
    expect(await shop.creditHeld(buyer.id)).toBe(0);
  });

  it("right after the order leaves nothing held and nothing paid, however far the order had come", async () => {
    const buyer = await shop.newBuyer(product.priceMinor * 100);
    const orders = await Promise.all(
      Array.from({ length: 10 }, () => placed(buyer.token, { lines: lines() })),
    );
    await Promise.all(orders.map(({ id }) => shop.mutate(buyer.token, "cancel-order", { orderId: id })));
    const ends = await Promise.all(orders.map(({ id }) => shop.waitFor(buyer.token, id, "CANCELLED")));
    for (const { payments } of ends) {
      for (const { status } of payments.nodes) expect(["VOIDED", "REFUNDED"]).toContain(status);
    }
    expect(await shop.creditHeld(buyer.id)).toBe(0);
  });

  it("of somebody else's order finds none", async () => {
    const [alice, bob] = [await shop.newBuyer(product.priceMinor), await shop.newBuyer(1)];
    const { id } = await placed(alice.token, { lines: lines() });
    const { answer } = await shop.mutate(bob.token, "cancel-order", { orderId: id });
    expect(answer).toEqual({ message: "There is no such record." });
  });
});

describe("a shipment", () => {
  it("fulfils a confirmed order and settles its credit", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const { id } = await placed(buyer.token, { lines: lines() });
    await shop.waitFor(buyer.token, id, "CONFIRMED");
    const { answer } = await shop.mutate(admin, "fulfil-order", { orderId: id });
    expect(answer).toMatchObject({ order: { status: "FULFILLED" } });
    while ((await shop.creditHeld(buyer.id)) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const late = await shop.mutate(buyer.token, "cancel-order", { orderId: id });
    expect(late.answer).toMatchObject({ state: "FULFILLED" });
  });

  it("is recorded by an administrator alone", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const { id } = await placed(buyer.token, { lines: lines() });
    for (const person of ["customer", "support", "finance"] as const) {
      const token = person === "customer" ? buyer.token : await stack.token(person);
      const { answer, errors } = await shop.mutate(token, "fulfil-order", { orderId: id });
      expect(answer).toBeNull();
      expect(errors[0]?.extensions.code).toBe("UNAUTHORIZED_FIELD_OR_TYPE");
    }
  });
});

describe("bad input", () => {
  it("is told whole, and nothing is written", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const twice = [...lines(0), ...lines(10_001)];
    const { answer } = await shop.mutate(buyer.token, "place-order", { lines: twice, idempotencyKey: "" });
    const { faults } = answer as { faults: { path: string }[] };
    expect(faults.map(({ path }) => path)).toEqual([
      "lines[0].quantity",
      "lines[1].quantity",
      "lines[1].productCode",
      "idempotencyKey",
    ]);
    const none = await shop.mutate(buyer.token, "place-order", { lines: [] });
    expect(none.answer).toMatchObject({ faults: [{ path: "lines", message: "must not be empty" }] });
    const query = "query ($id: ID!) { customer(id: $id) { orders { totalCount } } }";
    const { data } = await shop.ask(buyer.token, query, { id: buyer.id });
    expect(data.customer.orders.totalCount).toBe(0);
  });

  it("names products that do not exist, and those that are not sold in the currency", async () => {
    const buyer = await shop.newBuyer(product.priceMinor);
    const unknown = [{ productCode: "no such", quantity: 1 }, ...lines()];
    const first = await shop.mutate(buyer.token, "place-order", { lines: unknown });
    expect(first.answer).toMatchObject({ productCodes: ["no such"] });
    const second = await shop.mutate(buyer.token, "place-order", { lines: lines(), currency: "CHF" });
    expect(second.answer).toMatchObject({ productCodes: [product.code], currency: "CHF" });
  });

  it("is an order in a currency that is not the customer's: REJECTED, with that reason", async () => {
    const buyer = await shop.newBuyer(product.priceMinor * 10);
    const { id } = await placed(buyer.token, { lines: lines(), currency: "EUR" });
    const seen = await shop.waitFor(buyer.token, id, "CONFIRMED", "REJECTED");
    expect(seen).toMatchObject({ status: "REJECTED", rejectionReason: "CURRENCY_MISMATCH" });
  });
});
