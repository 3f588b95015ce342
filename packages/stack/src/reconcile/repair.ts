import { setTimeout as sleep } from "node:timers/promises";
import type { AskApi } from "./api.ts";
import * as seen from "./contexts-seen.ts";
import { isUnderWay, judgeOrder, type Finding } from "./rules.ts";

/** What was done about something, or why nothing was. */
export interface Repair {
  /** What it is about, with its id. */
  readonly subject: string;
  readonly isDone: boolean;
  readonly what: string;
}

export interface RepairOptions {
  readonly ask: AskApi;
  /** Tells this run's idempotency keys from those of all others. */
  readonly runId: string;
  /** How long the contexts are given to do what they were asked, in milliseconds. */
  readonly waitMs: number;
  readonly onRepair: (repair: Repair) => void;
}

/** How many orders are repaired at the same time. */
const AT_ONCE = 8;
const POLL_MS = 250;

/** Why a rule's breaches are not repaired: each is told once a person looks at it. */
const NOT_DARED: Readonly<Record<string, string>> = {
  A2: "which of the payments is the right one is not known here",
  A3: "a ledger is corrected against the provider's books alone",
  Q1: "which of the two sides is right is not known here",
  Q2: "money would move",
  Q3: "money would move",
};

/** The last event of an order whose row is right. */
const LAST_EVENT: Readonly<Record<string, string>> = {
  PENDING: "ORDER_CREATED",
  CREDIT_RESERVED: "ORDER_CREDIT_RESERVED",
  PAYMENT_AUTHORISED: "ORDER_PAYMENT_AUTHORISED",
  CONFIRMED: "ORDER_CONFIRMED",
  FULFILLED: "ORDER_FULFILLED",
  REJECTING: "ORDER_REJECTION_STARTED",
  REJECTED: "ORDER_REJECTED",
  CANCELLING: "ORDER_CANCELLATION_REQUESTED",
  CANCELLED: "ORDER_CANCELLED",
};

/** Why nothing is done about a finding that nobody but a person can mend. */
export function whyNot({ rule }: Finding): string {
  return NOT_DARED[rule] ?? "somebody has to decide";
}

/**
 * Has dead letters handled again, each once, and waits for what comes of it.
 *
 * @param most stops after so many
 * @throws StackError where the API gives no whole answer
 */
export async function redriveDeadLetters(options: RepairOptions, most: number): Promise<void> {
  const { ask, runId } = options;
  const tried = new Set<string>();
  while (tried.size < most) {
    const all = await ask<seen.SeenDeadLetters>(seen.DEAD_LETTERS);
    const next = seen.MESSAGE_CONTEXTS.map((context) => ({
      context,
      letters: all[context].filter(({ id }) => !tried.has(`${context} ${id}`)),
    })).filter(({ letters }) => letters.length > 0);
    // What fails again goes to the end of the list.
    if (next.length === 0) return;
    for (const { context, letters } of next) {
      letters.forEach(({ id }) => tried.add(`${context} ${id}`));
      const messageIds = letters.map(({ id }) => id);
      const idempotencyKey = `${runId}-${context}-${tried.size}`;
      const { result } = await ask<seen.Changed>(seen.REDRIVE[context], {
        input: { messageIds, idempotencyKey },
      });
      await awaitLetters(options, { context, letters, refusal: result.message ?? null });
    }
  }
}

async function awaitLetters(
  { ask, waitMs, onRepair }: RepairOptions,
  batch: {
    readonly context: seen.MessageContext;
    readonly letters: readonly seen.SeenDeadLetter[];
    readonly refusal: string | null;
  },
): Promise<void> {
  const { context, letters, refusal } = batch;
  const ids = letters.map(({ id }) => id);
  const none = Object.fromEntries(seen.MESSAGE_CONTEXTS.map((each) => [each, [] as string[]]));
  const end = performance.now() + (refusal === null ? waitMs : 0);
  let left: readonly seen.SeenDeadLetter[];
  for (;;) {
    const answer = await ask<seen.SeenDeadLetters>(seen.SOME_DEAD_LETTERS, { ...none, [context]: ids });
    left = answer[context];
    if (left.every(({ redriveRequestedAt }) => redriveRequestedAt === null) || performance.now() >= end)
      break;
    await sleep(POLL_MS);
  }
  for (const { id, type } of letters) {
    const still = left.find((letter) => letter.id === id);
    const name = type ?? "what is no message";
    const failed =
      still?.redriveRequestedAt === null ? `failed again: ${still.error}` : "nobody took it up: does it run?";
    onRepair({
      subject: `message ${id}`,
      isDone: still === undefined,
      what:
        still === undefined
          ? `the ${context} context has handled ${name}`
          : `${context}, ${name}: ${refusal ?? failed}`,
    });
  }
}

/**
 * Goes on with orders that stand still or hold credit that they should not, and waits until they have come to rest.
 *
 * @param ids the orders'
 * @throws StackError where the API gives no whole answer
 */
export async function resumeOrders(options: RepairOptions, ids: readonly string[]): Promise<void> {
  const queue = ids.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const id of queue)
        options.onRepair({ subject: `order ${id}`, ...(await resumeOrder(options, id)) });
    }),
  );
}

async function resumeOrder(
  { ask, runId, waitMs }: RepairOptions,
  id: string,
): Promise<Omit<Repair, "subject">> {
  const read = async () => (await ask<{ node: seen.SeenOrder | null }>(seen.ONE_ORDER, { id })).node;
  const order = await read();
  if (order === null) return { isDone: false, what: "it is not there any more" };
  const findings = judgeOrder(order, new Date());
  if (findings.length === 0) return { isDone: true, what: "it has come to agree by itself" };
  // One part of it may be wrong in a way that makes the safe repair of another one wrong as well.
  const unsafe = findings.find(({ repair }) => repair === null);
  if (unsafe) return { isDone: false, what: `not touched, as ${unsafe.what}` };
  const last = order.history?.at(-1)?.type;
  if (last !== LAST_EVENT[order.status]) {
    const what = `not touched: its row says ${order.status}, its last event ${last}: npm run replay`;
    return { isDone: false, what };
  }
  const { result } = await ask<seen.Changed>(seen.RESUME, {
    input: { orderId: id, expectedVersion: order.version, idempotencyKey: `${runId}-${id}` },
  });
  if (result.message !== undefined) return { isDone: false, what: result.message };
  const done = isUnderWay(order) ? `asked again for ${order.saga?.step}` : "its credit is released";
  const end = performance.now() + waitMs;
  for (;;) {
    const now = await read();
    if (now !== null && !isUnderWay(now)) return { isDone: true, what: `${done}; it is ${now.status}` };
    if (performance.now() >= end)
      return { isDone: false, what: `asked again; it still waits for ${now?.saga?.step}` };
    await sleep(POLL_MS);
  }
}
