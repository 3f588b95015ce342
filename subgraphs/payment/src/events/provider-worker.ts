import type { Clock, Transact } from "@tributary/messaging";
import type { Logger, OutageWatch } from "@tributary/subgraph-kit";
import { tell } from "../data/payment-outbox.ts";
import type { PaymentStore, ProviderCall, TakenCall } from "../data/payment-store.ts";
import type { Payment } from "../domain/payment.ts";
import { afterAnswer, providerStep } from "../domain/provider-steps.ts";
import { ProviderError, type PaymentProvider, type ProviderAnswer } from "../domain/provider.ts";

/** How long a call's answer is waited for, and how long another process leaves the call alone, in milliseconds. */
const PATIENCE_MS = 10_000;
const LEASE_MS = 15_000;
/** How often calls that are due again are looked for where nobody wakes the worker, in milliseconds. */
const INTERVAL_MS = 1_000;
const MOST_AT_ONCE = 20;
/** The wait before a call that got no answer is made again: doubled with each attempt, in milliseconds. */
const RETRY = { firstMs: 1_000, longestMs: 60_000 };

/** Makes the calls that are noted, until it is stopped. */
export interface ProviderWorker {
  /** Looks for calls now. Call it after the commit that noted one. */
  wake(): void;
  /**
   * Begins to look for calls.
   *
   * @param notify called after commits that wrote messages
   */
  start(notify: () => void): void;
  /** Finishes the calls that run. Again is no fault. */
  stop(): Promise<void>;
}

export interface ProviderWorkerOptions {
  readonly provider: PaymentProvider;
  readonly logger: Pick<Logger, "warn">;
  /** Told of failures that come of a lost database. */
  readonly outages: Pick<OutageWatch, "note">;
  readonly clock: Clock;
}

/**
 * Creates the worker that makes the provider calls which transactions have noted. Several processes share the work; a call that a
 * process took and did not finish is made again, under the same key.
 */
export function createProviderWorker(
  transact: Transact<PaymentStore>,
  options: ProviderWorkerOptions,
): ProviderWorker {
  const { provider, logger, outages, clock } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let notify: (() => void) | null = null;
  let again = false;
  /** Whether calls may be due that there was no room for. */
  let isFull = false;
  let running: Promise<void> | null = null;
  /** Ends the sleep of the worker. */
  let alarm = new AbortController();
  const left = new Set<Promise<void>>();
  const open = new Set<Promise<boolean>>();

  provider.onLateAnswer((key, answer) => {
    const settled = settle(transact, key, { answer, clock }).then(
      (isFollowed) => {
        notify?.();
        if (isFollowed) wake();
      },
      (error: unknown) => {
        if (outages.note(error, 0)) return;
        logger.warn({ err: error, providerCallId: key }, "a late answer of the provider could not be noted");
      },
    );
    left.add(settled);
    void settled.finally(() => left.delete(settled));
  });

  /** Takes as many calls as may be open, and begins them: one that the provider leaves unanswered holds up no other. */
  const round = async (): Promise<void> => {
    const most = MOST_AT_ONCE - open.size;
    isFull = most === 0;
    if (isFull) return; // the next one that ends looks again
    const calls = await transact((store) => store.takeProviderCalls({ most, leaseMs: LEASE_MS }));
    if (calls.length === most) again = true;
    for (const call of calls) {
      const made = make(transact, call, options);
      open.add(made);
      void made.then((isFollowed) => {
        open.delete(made);
        notify?.();
        if (isFollowed || isFull) wake();
      });
    }
  };

  function wake(): void {
    again = true;
    if (running || signal.aborted || !notify) return;
    alarm.abort();
    running = (async () => {
      while (again && !signal.aborted) {
        again = false;
        try {
          await round();
        } catch (error) {
          if (!outages.note(error, 0)) {
            logger.warn({ err: error }, "calls of the payment provider could not be read; trying again");
          }
        }
      }
      running = null;
      void sleepThenWake();
    })();
  }

  async function sleepThenWake(): Promise<void> {
    if (signal.aborted) return;
    const sleeping = (alarm = new AbortController());
    await clock.sleep(INTERVAL_MS, sleeping.signal);
    if (!sleeping.signal.aborted) wake();
  }

  return {
    wake,
    start(afterCommit) {
      notify = afterCommit;
      wake();
    },
    async stop() {
      stopping.abort();
      alarm.abort();
      await running;
      await Promise.all([...open, ...left]);
    },
  };
}

/** Makes a call and notes its answer. Never rejects. @returns whether another call of the payment waits for that */
async function make(
  transact: Transact<PaymentStore>,
  call: TakenCall,
  { provider, logger, outages, clock }: ProviderWorkerOptions,
): Promise<boolean> {
  try {
    const { id: key, paymentId, payment } = call;
    const { currency } = payment.amount;
    const step = providerStep(payment, call.action, { amountMinor: call.amountMinor, currency });
    if (!step) return await endIdle(transact, call, clock);
    const request = { key, paymentId, ...step };
    const answer = await withPatience(clock, (signal) => provider.call(request, signal));
    return await settle(transact, key, { answer, clock, paymentId });
  } catch (error) {
    const { id: providerCallId, paymentId, attempts } = call;
    if (outages.note(error, 0)) return false; // the call is taken again once its lease is over
    const unanswered = error instanceof ProviderError;
    if (unanswered) await postpone(transact, call, { logger, clock });
    logger.warn(
      { ...(unanswered ? { reason: error.message } : { err: error }), providerCallId, paymentId, attempts },
      "the payment provider gave no answer; trying again",
    );
    return false;
  }
}

/** Ends a call for which nothing is left to do, as another answer came first: no later change gives it anything to do again. */
async function endIdle(
  transact: Transact<PaymentStore>,
  { id, paymentId }: ProviderCall,
  clock: Clock,
): Promise<boolean> {
  return transact(async (store) => {
    const payment = await lockedPayment(store, paymentId);
    const call = await store.endProviderCall(id);
    if (call) await tell(store, payment, { channel: "order.replies", cause: call, clock });
    return call?.isFollowed ?? false;
  });
}

async function lockedPayment(store: PaymentStore, id: string): Promise<Payment> {
  const payment = await store.lockPayment(id, "everybody's");
  if (!payment) throw new Error(`there is no payment ${id}`);
  return payment;
}

/** Asks for something, and gives up after a while. */
async function withPatience<T>(clock: Clock, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const [patience, answered] = [new AbortController(), new AbortController()];
  void clock.sleep(PATIENCE_MS, answered.signal).then(() => patience.abort());
  try {
    return await ask(patience.signal);
  } finally {
    answered.abort();
  }
}

/** Never rejects: where it cannot be noted, the call's lease ends by itself. */
async function postpone(
  transact: Transact<PaymentStore>,
  { id, attempts }: ProviderCall,
  { logger, clock }: Pick<ProviderWorkerOptions, "logger" | "clock">,
): Promise<void> {
  const wait = Math.min(RETRY.firstMs * 2 ** (attempts - 1), RETRY.longestMs) * (1 + clock.random() / 2);
  try {
    await transact((store) => store.postponeProviderCall(id, wait));
  } catch (error) {
    logger.warn({ err: error, providerCallId: id }, "a call's next attempt could not be noted");
  }
}

/**
 * Notes an answer, once however often it comes: the payment, its ledger, the call's end and the event together.
 *
 * @returns whether another call of the payment waits for that
 */
async function settle(
  transact: Transact<PaymentStore>,
  callId: string,
  {
    answer,
    clock,
    ...known
  }: { readonly answer: ProviderAnswer; readonly clock: Clock; readonly paymentId?: string },
): Promise<boolean> {
  return transact(async (store) => {
    const paymentId = known.paymentId ?? (await store.paymentOfCall(callId));
    if (paymentId === null) return false;
    const before = await lockedPayment(store, paymentId);
    const call = await store.endProviderCall(callId);
    if (!call) return false;
    const after = afterAnswer(before, { wanted: call.action, answer, at: new Date(clock.now()) });
    if (after !== before) await store.savePayment(before, after);
    // A refund that a client asked for was told when it was written into the ledger.
    if (call.action !== "REFUND") await tell(store, after, { channel: "payment.events", cause: call, clock });
    return call.isFollowed;
  });
}
