import { startStack, type Stack } from "@tributary/stack";
import getPort from "get-port";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDisplay } from "./display.ts";
import { planTraffic } from "./plan.ts";
import { readProducts, registerCustomers } from "./preparation.ts";
import { runTraffic, type TrafficFigures, type TrafficOptions } from "./run-traffic.ts";
import { BATCH, createShop } from "./shop.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ seedCustomers: 5 });
});
afterAll(() => stack?.stop());

const mix = { cancel: 0, overLimit: 0, onAccount: 0, fulfil: 0 };
const products = [{ code: "A", priceMinor: 100 }];

async function optionsFor(url: string): Promise<TrafficOptions> {
  const [admin, support] = [await stack.token("admin"), await stack.token("support")];
  return {
    openShop: (signal, onError) => createShop({ url, onError, signal }),
    tokens: { customers: [admin], admin, support },
    orderOf: planTraffic({ seed: 1, customers: 1, products, mix }).order,
    runId: crypto.randomUUID(),
    rate: 100,
    durationMs: 500,
    mostInFlight: 1_000,
    drainMs: 30_000,
    signal: new AbortController().signal,
    onFigures: () => {},
  };
}

test("orders are read back in batches, and not one by one", async () => {
  const options = await optionsFor(stack.gatewayUrl);
  const shop = createShop({ url: stack.gatewayUrl, onError: () => {}, signal: options.signal });
  const priced = await readProducts(shop, options.tokens.admin);
  const plan = planTraffic({ seed: 1, customers: 1, products: priced, mix });
  const [id = ""] = await registerCustomers(shop, options.tokens.admin, {
    limits: plan.limits,
    runId: options.runId,
  });
  const sizes: number[] = [];
  const figures = await runTraffic({
    ...options,
    tokens: { ...options.tokens, customers: [await stack.token("customer", { customerId: id })] },
    orderOf: plan.order,
    openShop(signal, onError) {
      const real = createShop({ url: stack.gatewayUrl, onError, signal });
      return {
        ...real,
        progress(token, ids) {
          sizes.push(ids.length);
          return real.progress(token, ids);
        },
      };
    },
  });
  expect(figures).toMatchObject({ placed: 50, notPlaced: 0, isAtRest: true, errors: new Map() });
  expect(figures.confirmed + figures.refusedForCredit + figures.refusedPayments).toBe(50);
  expect(Math.max(...sizes)).toBeGreaterThan(1);
  // At most one look at all of them twice a second.
  expect(sizes.length).toBeLessThanOrEqual(
    (Math.ceil(figures.elapsedMs / 500) + 1) * Math.ceil(figures.placed / BATCH),
  );
});

test("a gateway that is away slows no arrivals: each order has no answer, and its error is counted", async () => {
  const figures = await runTraffic(await optionsFor(`http://127.0.0.1:${await getPort()}`));
  expect(figures).toMatchObject({ placed: 0, notPlaced: 50, notSent: 0, underWay: 0 });
  expect([...figures.errors]).toEqual([["ECONNREFUSED", 150]]);
});

test("a product that is not there is a refusal with its code, which is not asked again", async () => {
  const options = await optionsFor(stack.gatewayUrl);
  const figures = await runTraffic({
    ...options,
    tokens: { ...options.tokens, customers: [await stack.token("customer")] },
  });
  expect(figures).toMatchObject({ placed: 0, notPlaced: 50 });
  expect([...figures.errors]).toEqual([["UnknownProducts", 50]]);
});

test("a plan is the same for the same seed, and has the shares that were asked for", () => {
  const planOf = (seed: number) =>
    planTraffic({
      seed,
      customers: 9,
      products,
      mix: { cancel: 0.25, overLimit: 0.1, onAccount: 0.5, fulfil: 0.5 },
    });
  const ordersOf = (seed: number) => Array.from({ length: 4_000 }, (_, index) => planOf(seed).order(index));
  const orders = ordersOf(3);
  expect(orders).toEqual(ordersOf(3));
  expect(orders).not.toEqual(ordersOf(4));
  const shareOf = (is: (order: (typeof orders)[number]) => boolean) =>
    orders.filter(is).length / orders.length;
  expect(shareOf(({ followUp }) => followUp === "cancel")).toBeCloseTo(0.25, 1);
  expect(shareOf(({ followUp }) => followUp === "fulfil")).toBeCloseTo(0.65 * 0.5, 1);
  expect(shareOf(({ input }) => input.paymentTerms === "ON_ACCOUNT")).toBeCloseTo(0.5, 1);
  const { limits } = planOf(3);
  const isOverLimit = ({ input, customer }: (typeof orders)[number]) =>
    input.lines[0]!.quantity * 100 > limits[customer]!;
  expect(shareOf(isOverLimit)).toBeCloseTo(0.1, 1);
});

test("a terminal of 80 by 24 shows the figures in place, whatever they are", () => {
  let written = "";
  const write = (text: unknown) => (written += String(text)) !== "";
  const display = createDisplay(
    { isTTY: true, write },
    {
      rate: 2_000,
      durationMs: null,
      seed: 1e6,
    },
  );
  const most = 10_000_000;
  const figures: TrafficFigures = {
    placed: most,
    confirmed: most,
    statuses: new Map(
      ["PENDING", "CREDIT_RESERVED", "CONFIRMED", "REJECTED"].map((status) => [status, most]),
    ),
    refusedForCredit: most,
    refusedPayments: most,
    toConfirmed: { p50: 86_400_000, p99: 86_400_000 },
    toPlaced: { p50: NaN, p99: NaN },
    underWay: most,
    oldestMs: 86_400_000,
    elapsedMs: 86_400_000,
    placingMs: 86_400_000,
    inFlight: 10_000,
    notSent: most,
    notPlaced: most,
    errors: new Map(Array.from({ length: 20 }, (_, index) => [`${"E".repeat(38)}${index}`, most])),
    isAtRest: false,
  };
  display.show(figures);
  // oxlint-disable-next-line no-control-regex -- what a terminal is told
  const lines = written.replaceAll(/\x1b\[\d*[A-Za-z]/g, "").split("\n");
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  written = "";
  display.show(figures);
  expect(written.startsWith(`\x1b[${lines.length - 1}A`)).toBe(true);
});
