import { setTimeout as sleep } from "node:timers/promises";
import { createOrderBook, createTimes, type OrderFigures, type Times } from "./order-book.ts";
import type { PlannedOrder } from "./plan.ts";
import { BATCH, type Shop } from "./shop.ts";

/** Who asks for what. */
export interface TrafficTokens {
  /** By the customer's index in the plan. */
  readonly customers: readonly string[];
  /** Ships orders. */
  readonly admin: string;
  /** Reads how far orders have come. */
  readonly support: string;
}

export interface TrafficOptions {
  /** @param signal given up when the traffic is over */
  readonly openShop: (signal: AbortSignal, onError: (code: string) => void) => Shop;
  readonly tokens: TrafficTokens;
  readonly orderOf: (index: number) => PlannedOrder;
  /** Tells this run's idempotency keys from those of all others. */
  readonly runId: string;
  /** Orders per second. */
  readonly rate: number;
  /** For how long orders are placed, in milliseconds; null until `signal`. */
  readonly durationMs: number | null;
  /** How many requests that change orders may be under way; orders that are due beyond are not sent. */
  readonly mostInFlight: number;
  /** How long the orders are given to come to their end once no more are placed, in milliseconds. */
  readonly drainMs: number;
  /** Places no more, gives what is under way two seconds, and leaves the rest as it is. */
  readonly signal: AbortSignal;
  /** Told twice a second. */
  readonly onFigures: (figures: TrafficFigures) => void;
}

/** How the traffic goes. */
export interface TrafficFigures extends OrderFigures {
  readonly elapsedMs: number;
  /** For how long orders have been placed, in milliseconds. */
  readonly placingMs: number;
  readonly inFlight: number;
  /** Orders that were due while as many requests as allowed were under way. */
  readonly notSent: number;
  /** Orders that were sent and are not known to be placed: no answer, or a refusal. */
  readonly notPlaced: number;
  /** From the moment at which an order was due to the answer, which has it as PENDING. */
  readonly toPlaced: Times;
  /** Requests that had no whole answer, and changes that were refused, by code. */
  readonly errors: ReadonlyMap<string, number>;
  /** Whether every order has come to its end. */
  readonly isAtRest: boolean;
}

const TICK_MS = 500;
const BATCHES_PER_TICK = 6;
const LEAVE_MS = 2_000;

/**
 * Places orders at a steady rate, whatever the answers take, and follows each to its end.
 *
 * @returns the figures at the end
 */
export async function runTraffic(options: TrafficOptions): Promise<TrafficFigures> {
  const { tokens, orderOf, runId, rate, durationMs, mostInFlight, drainMs, signal, onFigures } = options;
  const over = new AbortController();
  const errors = new Map<string, number>();
  const count = (code: string) => errors.set(code, (errors.get(code) ?? 0) + 1);
  const shop = options.openShop(over.signal, count);
  const book = createOrderBook();
  const toPlaced = createTimes();
  const inFlight = new Set<Promise<void>>();
  let [notSent, notPlaced, placingMs] = [0, 0, 0];
  const began = performance.now();
  const beganAt = Date.now();

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => inFlight.delete(tracked));
    inFlight.add(tracked);
  };

  async function place(index: number, dueMs: number): Promise<void> {
    const plan = orderOf(index);
    const input = { ...plan.input, idempotencyKey: `${runId}-${index}` };
    const answer = await shop.change("place", tokens.customers[plan.customer]!, input);
    if ("order" in answer) {
      toPlaced.record(performance.now() - began - dueMs);
      book.add(plan, answer.order, beganAt + dueMs);
      return;
    }
    notPlaced += 1;
    if (answer.isRefusal) count(answer.code);
  }

  async function placeAll(): Promise<void> {
    for (let index = 0; !signal.aborted; index++) {
      const dueMs = (index * 1_000) / rate;
      if (durationMs !== null && dueMs >= durationMs) return;
      const wait = began + dueMs - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      placingMs = performance.now() - began;
      if (inFlight.size < mostInFlight) track(place(index, dueMs));
      else notSent += 1;
    }
  }

  function followUp(): void {
    for (const { id, plan, followUp: due } of book.takeFollowUps(mostInFlight - inFlight.size)) {
      const token = due!.kind === "cancel" ? tokens.customers[plan.customer]! : tokens.admin;
      const input = { orderId: id, idempotencyKey: `${runId}-${due!.kind}-${id}` };
      track(
        shop.change(due!.kind, token, input).then((answer) => {
          // An order that had gone too far, or was refused meanwhile, stays as it is.
          if ("code" in answer && answer.isRefusal && answer.code !== "IllegalState") count(answer.code);
          book.followedUp(id, "order" in answer ? answer.order : null);
        }),
      );
    }
  }

  async function readBack(): Promise<void> {
    const ids = book.nextToRead(BATCH * BATCHES_PER_TICK);
    for (let start = 0; start < ids.length && !over.signal.aborted; start += BATCH) {
      const answer = await shop.progress(tokens.support, ids.slice(start, start + BATCH));
      if ("code" in answer) return;
      answer.data.forEach((order) => book.see(order));
    }
  }

  const figures = (): TrafficFigures => ({
    ...book.figures(),
    elapsedMs: performance.now() - began,
    placingMs,
    inFlight: inFlight.size,
    notSent,
    notPlaced,
    toPlaced: toPlaced.read(),
    errors,
    isAtRest: book.isAtRest() && inFlight.size === 0,
  });

  const showing = setInterval(() => onFigures(figures()), TICK_MS);
  let isPlacing = true;
  const placing = placeAll().finally(() => (isPlacing = false));
  let placedAllAt = Infinity;
  let leftAt = Infinity;
  for (;;) {
    const tick = performance.now();
    if (!signal.aborted) followUp();
    await readBack();
    const now = performance.now();
    if (!isPlacing) placedAllAt = Math.min(placedAllAt, now);
    if (signal.aborted) leftAt = Math.min(leftAt, now);
    const { isAtRest, underWay, inFlight: left } = figures();
    if (!isPlacing && (isAtRest || (signal.aborted && underWay + left === 0))) break;
    if (now - placedAllAt >= drainMs || now - leftAt >= LEAVE_MS) break;
    await sleep(Math.max(0, tick + TICK_MS - performance.now()), undefined, { signal }).catch(() =>
      sleep(50),
    );
  }
  over.abort();
  clearInterval(showing);
  await placing;
  await Promise.all(inFlight);
  return figures();
}
