import type { OrderAnswer, OrderRow, PlaceOrderAnswer } from "@tributary/order/protocol";
import type { PaymentRecord } from "@tributary/payment/protocol";
import type { Running } from "./contexts.ts";
import type { Operator } from "./operator.ts";
import type { Action, Context } from "./plan.ts";
import { short } from "./world/broker.ts";
import { PRODUCT, type World } from "./world/world.ts";

/** An order as its client knows it: under which key, and the first answer. */
export interface Placed {
  readonly key: string;
  readonly answer: PlaceOrderAnswer;
}

/** Those who place orders, call them off, ship them and give money back. */
export interface Clients {
  isDone(): boolean;
  readonly placed: readonly Placed[];
  /** What was not as it should be for them (Q6). */
  readonly findings: readonly string[];
}

type Place = Extract<Action, { kind: "place" }>;

/** How long a client waits for an answer, and until it asks again, in milliseconds. */
const WAIT_MS = 3_000;
const AGAIN_MS = 150;
/** How long a client waits for an order to come so far, in milliseconds. */
const PATIENT_MS = 20_000;

export function startClients(world: World, operator: Operator): Clients {
  const { scheduler, plan, databases, trace } = world;
  const random = world.chance.of("clients");
  const placed: Placed[] = [];
  const findings: string[] = [];
  let open = 0;

  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => scheduler.after(milliseconds, resolve));

  /** Asks until there is an answer, each time a process by chance. */
  async function insist<Answer>(
    context: Context,
    ask: (running: Running) => Promise<Answer> | undefined,
  ): Promise<Answer> {
    for (;;) {
      const running = operator.any(context);
      const answer = running && (await Promise.race([reach(running, ask), sleep(WAIT_MS)]));
      if (answer) return answer;
      await sleep(AGAIN_MS + random.next() * 300);
    }
  }

  /** As {@link insist}, for a change: now and then a client sends it once more, and must get the same answer. */
  async function once<Answer>(
    context: Context,
    key: string,
    ask: (running: Running) => Promise<Answer> | undefined,
  ): Promise<Answer> {
    const answer = await insist(context, ask);
    if (random.next() < 0.3) {
      open += 1;
      scheduler.after(random.next() * 3_000, () => {
        void insist(context, ask).then((again) => {
          open -= 1;
          if (JSON.stringify(again) !== JSON.stringify(answer))
            findings.push(
              `Q6 the key ${key} was answered with ${JSON.stringify(answer)}, then ${JSON.stringify(again)}`,
            );
        });
      });
    }
    return answer;
  }

  /** A request comes to a process that can take it: one that is frozen takes it later, one that is dead never. */
  const reach = <Answer>(running: Running, ask: (running: Running) => Promise<Answer> | undefined) =>
    new Promise<Answer | null>((resolve) => {
      running.process.resume(() => {
        void (ask(running) ?? Promise.resolve(null)).then(resolve, () => resolve(null));
      });
    });

  const orderRow = (id: string): OrderRow | null => databases.order.one("orders", id);

  /** Waits until something is there; null where that takes too long. */
  async function patiently<T>(look: () => T | null): Promise<T | null> {
    for (let waited = 0; waited < PATIENT_MS; waited += 100) {
      const found = look();
      if (found !== null) return found;
      await sleep(100);
    }
    return null;
  }

  async function place({ id, customer, quantity, prepaid }: Place): Promise<string | null> {
    const key = `${plan.seed}-${id}`;
    const input = {
      customerId: world.customerId(customer),
      currency: "USD",
      lines: [{ productCode: PRODUCT.code, quantity }],
      paymentTerms: prepaid ? ("PREPAID" as const) : ("ON_ACCOUNT" as const),
      idempotencyKey: key,
    };
    const answer = await once("order", key, (running) => running.orders?.place(input, "client"));
    trace(
      "client",
      `order ${key}: ${answer.__typename}${answer.__typename === "OrderChanged" ? ` ${short(answer.order.id)}` : ""}`,
    );
    placed.push({ key, answer });
    return answer.__typename === "OrderChanged" ? answer.order.id : null;
  }

  async function change(
    operation: "cancel" | "fulfil" | "resume",
    orderId: string,
    key: string,
  ): Promise<void> {
    const input = { orderId, idempotencyKey: key, ...(operation === "cancel" && { reason: "called off" }) };
    const answer: OrderAnswer = await once("order", key, (running) =>
      running.orders?.[operation](input, "client"),
    );
    trace("client", `${operation} ${short(orderId)}: ${answer.__typename}`);
  }

  /** Waits until an order is confirmed. @returns false where it never will be */
  async function isConfirmed(orderId: string): Promise<boolean> {
    const end = await patiently(() => {
      const status = orderRow(orderId)?.status;
      return status === "CONFIRMED" || status === "REJECTED" || status === "CANCELLED" ? status : null;
    });
    return end === "CONFIRMED";
  }

  const capturedPayment = (orderId: string): Promise<PaymentRecord | null> =>
    patiently(
      () =>
        databases.payment
          .committed("payments")
          .find((row) => row.orderId === orderId && row.status === "CAPTURED") ?? null,
    );

  /** Gives a part of an order's money back: never all of it, which is another matter than the order's. */
  async function refund(payment: PaymentRecord | null, key: string): Promise<void> {
    if (payment === null) return;
    const input = {
      paymentId: payment.id,
      amount: { amountMinor: 30, currency: "USD" },
      reason: "a part of it",
      expectedVersion: payment.version,
      idempotencyKey: key,
    };
    const answer = await once("payment", key, (running) => running.refunds?.refund(input, "client"));
    trace("client", `refund ${short(payment.id)}: ${answer.__typename}`);
  }

  async function live(action: Action): Promise<void> {
    if (action.kind !== "place") return govern(action);
    const orderId = await place(action);
    if (orderId === null) return;
    await Promise.all(
      action.fates.map(async ({ afterMs, what }, index) => {
        const key = `${plan.seed}-${action.id}-${index}`;
        if ((what === "fulfil" || what === "return") && !(await isConfirmed(orderId))) return;
        const payment = what === "refund" ? await capturedPayment(orderId) : null;
        await sleep(afterMs);
        if (what === "refund") await refund(payment, key);
        else await change(what === "return" ? "cancel" : what, orderId, key);
      }),
    );
  }

  /** Changes a customer, as the customer context's own mutations do: the row is another version at once. */
  function govern(action: Exclude<Action, Place>): void {
    const again = (): void => {
      open += 1;
      scheduler.after(20, () => {
        open -= 1;
        govern(action);
      });
    };
    const id = world.customerId(action.customer);
    const transaction = databases.customer.begin(operatorProcess);
    const row = databases.customer.one("customers", id)!;
    if (!transaction.tryLock("customers", id)) {
      transaction.rollback();
      return again();
    }
    trace(
      "client",
      action.kind === "limit" ? `limit ${action.limitMinor} for ${short(id)}` : `suspend ${short(id)}`,
    );
    transaction.put(
      "customers",
      id,
      action.kind === "limit" ? { ...row, limitMinor: action.limitMinor } : { ...row, status: "SUSPENDED" },
    );
    // Where its answer is lost it may be written again.
    transaction.commit().catch(() => {
      transaction.rollback();
      again();
    });
  }
  const operatorProcess = world.process("customer", "back-office", () => {});

  for (const action of plan.actions) {
    open += 1;
    scheduler.after(action.at, () => void live(action).then(() => (open -= 1)));
  }
  return { isDone: () => open === 0, placed, findings };
}
