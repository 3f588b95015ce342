import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@tributary/stack";
import type { ChaosSettings } from "./config.ts";
import { createShop, type Buyer } from "./ordering.fixture.ts";
import { createRandom, type Random } from "./random.fixture.ts";

/** Where an order stays until somebody asks for something. */
const AT_REST: ReadonlySet<string> = new Set(["CONFIRMED", "FULFILLED", "REJECTED", "CANCELLED"]);

/** What a client does with an order. */
interface PlannedOrder {
  readonly key: string;
  readonly buyer: number;
  readonly input: Readonly<Record<string, unknown>>;
  readonly fate: "nothing" | "cancel" | "fulfil";
  readonly waitMs: number;
}

/** An order that was placed, and the first answer that its client got. */
export interface PlacedOrder {
  readonly key: string;
  readonly token: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
}

export interface Load {
  readonly buyers: readonly Buyer[];
  readonly placed: readonly PlacedOrder[];
}

/**
 * Places orders as customers would whose limits are tight; some are called off, some are shipped. A client that gets no
 * answer asks again under the same key, until it has one, or the signal says that there is nobody left to ask.
 */
export async function runLoad(stack: Stack, settings: ChaosSettings, signal: AbortSignal): Promise<Load> {
  const admin = await stack.token("admin");
  const shop = createShop(stack, admin);
  const random = createRandom(settings.seed);
  const { data } = await shop.ask(
    admin,
    "{ products(first: 10) { nodes { code price { amountMinor } } } }",
    {},
  );
  const products = data.products.nodes as { code: string; price: { amountMinor: number } }[];
  const dearest = Math.max(...products.map(({ price }) => price.amountMinor));
  const buyers: Buyer[] = [];
  while (buyers.length < settings.customers) {
    const limit = dearest * random.integer(2, 12);
    const buyer = await shop.newBuyer(limit).catch(() => sleep(200, null));
    if (buyer !== null) buyers.push(buyer);
  }
  const plan = Array.from({ length: settings.orders }, (_, index) =>
    planOrder(random, { index, settings, codes: products.map(({ code }) => code) }),
  );

  const insist = async (token: string, operation: string, input: Record<string, unknown>) => {
    for (;;) {
      signal.throwIfAborted();
      const { answer } = await shop.mutate(token, operation, input).catch(() => ({ answer: null }));
      if (answer !== null) return answer;
      await sleep(200);
    }
  };
  /** Waits for an order's end, but not for ever: orders are to be under way whatever is broken, and not all at once. */
  const settle = async (token: string, orderId: string): Promise<void> => {
    for (const end = performance.now() + settings.patienceMs; performance.now() < end; await sleep(200)) {
      const seen = await shop.order(token, orderId).catch(() => null);
      if (seen !== null && AT_REST.has(seen.status)) return;
    }
  };
  const placed: PlacedOrder[] = [];
  const place = async ({ key, buyer, input, fate, waitMs }: PlannedOrder): Promise<void> => {
    const { token } = buyers[buyer]!;
    const answer = await insist(token, "place-order", { ...input, idempotencyKey: key });
    placed.push({ key, token, input, answer });
    const orderId = (answer["order"] as { id: string } | undefined)?.id;
    if (orderId === undefined) throw new Error(`an order was refused: ${JSON.stringify(answer)}`);
    await sleep(waitMs);
    if (fate === "cancel") await insist(token, "cancel-order", { orderId, idempotencyKey: `${key}-cancel` });
    // Where it is not CONFIRMED yet, the answer says so, and the order stays as it is.
    if (fate === "fulfil") await insist(admin, "fulfil-order", { orderId, idempotencyKey: `${key}-fulfil` });
    await settle(token, orderId);
  };
  const queue = plan.values();
  await Promise.all(
    Array.from({ length: settings.clients }, async () => {
      for (const order of queue) await place(order);
    }),
  );
  return { buyers, placed };
}

function planOrder(
  random: Random,
  { index, settings, codes }: { index: number; settings: ChaosSettings; codes: readonly string[] },
): PlannedOrder {
  const fate = random.pick(["nothing", "nothing", "cancel", "fulfil", "fulfil"] as const);
  return {
    key: `chaos-${settings.seed}-${index}`,
    buyer: random.integer(0, settings.customers - 1),
    input: {
      lines: [{ productCode: random.pick(codes), quantity: random.integer(1, 3) }],
      paymentTerms: random.next() < 0.15 ? "ON_ACCOUNT" : "PREPAID",
    },
    fate,
    waitMs: fate === "fulfil" ? random.integer(500, 3_000) : random.integer(0, 600),
  };
}

/** Sends every order once more, under its key. @returns what is not as it was the first time (Q6) */
export async function placeAgain(stack: Stack, { placed }: Load): Promise<string[]> {
  const shop = createShop(stack, await stack.token("admin"));
  const findings: string[] = [];
  for (const { key, token, input, answer } of placed) {
    const again = await shop.mutate(token, "place-order", { ...input, idempotencyKey: key });
    if (JSON.stringify(again.answer) !== JSON.stringify(answer))
      findings.push(`Q6 key ${key}: another answer`);
  }
  const ids = placed.map(({ answer }) => (answer["order"] as { id: string }).id);
  if (new Set(ids).size !== ids.length) findings.push("Q6 two keys have one order");
  return findings;
}
