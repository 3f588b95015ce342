import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createEnvelope,
  handlersOn,
  inTransaction,
  systemClock,
  transactOn,
  type Envelope,
} from "@tributary/messaging";
import { createLogger, sql } from "@tributary/subgraph-kit";
import { letSessionsEnd, startContextDatabase, type ContextDatabase } from "@tributary/subgraph-testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProviderError, type PaymentProvider, type ProviderRequest } from "../domain/provider.ts";
import { createRefunds } from "../data/refunds.ts";
import { createPaymentStore } from "../data/postgres-payment-store.ts";
import { createPaymentRequestHandlers } from "./payment-requests.ts";
import { createProviderWorker, type ProviderWorker } from "./provider-worker.ts";

const handlers = handlersOn(createPaymentStore, createPaymentRequestHandlers(systemClock));
let database: ContextDatabase;
let pool: pg.Pool;
let worker: ProviderWorker;
/** Payments on which the provider keeps silent until it is told to speak. */
const silent = new Set<string>();
const asked: ProviderRequest[] = [];

const provider: PaymentProvider = {
  onLateAnswer() {},
  async call(call, signal) {
    asked.push(call);
    while (silent.has(call.paymentId) && !signal.aborted) await sleep(10);
    if (silent.has(call.paymentId)) throw new ProviderError("no answer");
    return { outcome: "DONE" };
  },
};

beforeAll(async () => {
  database = await startContextDatabase("payment");
  pool = new pg.Pool({ connectionString: database.url });
  letSessionsEnd(pool);
  const logger = createLogger("payment", "silent");
  worker = createProviderWorker(transactOn(pool, createPaymentStore), {
    provider,
    logger,
    outages: { note: () => false },
    clock: systemClock,
  });
  worker.start(() => {});
});
afterAll(async () => {
  silent.clear();
  await worker?.stop();
  await pool?.end();
  await database?.stop();
});

function requestOf(type: string, orderId: string): Envelope {
  return createEnvelope({
    type,
    aggregateType: "order",
    aggregateId: orderId,
    aggregateVersion: 1,
    correlationId: orderId,
    traceparent: null,
    data: { orderId, customerId: randomUUID(), amountMinor: 1_000, currency: "USD" },
  });
}

async function request(type: string, orderId: string): Promise<Envelope> {
  const envelope = requestOf(type, orderId);
  await inTransaction(pool, (transaction) => handlers[type]!(transaction, envelope));
  worker.wake();
  return envelope;
}

async function payment(orderId: string): Promise<{ id: string; status: string }> {
  const { rows } = await pool.query("SELECT id, status FROM payments WHERE order_id = $1", [orderId]);
  return rows[0];
}

async function becomes(orderId: string, status: string): Promise<void> {
  while ((await payment(orderId)).status !== status) await sleep(10);
}

test("a call that the provider left unanswered held up the calls of all other payments", async () => {
  const [stuck, other] = [randomUUID(), randomUUID()];
  await request("AuthorisePayment", stuck);
  await becomes(stuck, "AUTHORISED");
  const { id } = await payment(stuck);
  silent.add(id);
  await request("CapturePayment", stuck);
  while (!asked.some(({ paymentId, action }) => paymentId === id && action === "CAPTURE")) await sleep(10);
  await request("AuthorisePayment", other);
  await becomes(other, "AUTHORISED");
  expect((await payment(stuck)).status).toBe("AUTHORISED");
  silent.delete(id);
  await becomes(stuck, "CAPTURED");
});

test("a request that was repeated while the provider was silent became a call of its own each time", async () => {
  const order = randomUUID();
  await request("AuthorisePayment", order);
  await becomes(order, "AUTHORISED");
  const { id } = await payment(order);
  silent.add(id);
  await request("ReversePayment", order);
  await request("ReversePayment", order);
  const last = await request("ReversePayment", order);
  const { rows } = await pool.query(
    "SELECT request_id FROM provider_calls WHERE payment_id = $1 AND action = 'REVERSE'",
    [id],
  );
  // One call, which answers the request that is waited for.
  expect(rows).toEqual([{ request_id: last.id }]);
  silent.delete(id);
  await becomes(order, "VOIDED");
  const told = await pool.query(
    "SELECT envelope->>'causationId' AS cause FROM outbox_messages WHERE envelope->>'type' = 'PaymentVoided' AND envelope->'data'->>'orderId' = $1",
    [order],
  );
  expect(told.rows).toEqual([{ cause: last.id }]);
  expect(asked.filter(({ paymentId, action }) => paymentId === id && action === "VOID")).toHaveLength(1);
});

test("a refund that a client asked for while all was given back went out on top of it", async () => {
  const order = randomUUID();
  await request("AuthorisePayment", order);
  await becomes(order, "AUTHORISED");
  await request("CapturePayment", order);
  await becomes(order, "CAPTURED");
  const { id } = await payment(order);
  silent.add(id);
  await request("ReversePayment", order);
  while (!asked.some(({ paymentId, action }) => paymentId === id && action === "REFUND")) await sleep(10);
  const refunds = createRefunds(transactOn(pool, createPaymentStore), {
    visible: "everybody's",
    traceparent: "00-00000000000000000000000000000001-0000000000000001-01",
    clock: systemClock,
    afterCommit: () => worker.wake(),
  });
  const answer = await refunds.refund(
    {
      paymentId: id,
      amount: { amountMinor: 300, currency: "USD" },
      reason: "one was broken",
      expectedVersion: 3,
      idempotencyKey: randomUUID(),
    },
    "finance",
  );
  expect(answer).toMatchObject({ __typename: "IllegalState", state: "CAPTURED" });
  silent.delete(id);
  await becomes(order, "REFUNDED");
  const given = asked.filter(({ paymentId, action }) => paymentId === id && action === "REFUND");
  const amounts = new Map(given.map(({ key, amount }) => [key, amount.amountMinor]));
  expect([...amounts.values()]).toEqual([1_000]);
});

test("PostgreSQL, which may look for the next calls once for each row, took more than there was room for", async () => {
  const rolledBack = inTransaction(pool, async (transaction) => {
    for (let count = 0; count < 5; count++) {
      const envelope = requestOf("AuthorisePayment", randomUUID());
      await handlers.AuthorisePayment!(transaction, envelope);
    }
    // What leaves it the plan that it may take by itself as the table grows.
    for (const way of ["hashagg", "hashjoin", "mergejoin", "sort", "material"])
      await transaction.query(sql`SELECT set_config(${`enable_${way}`}, 'off', true)`);
    const calls = await createPaymentStore(transaction).takeProviderCalls({ most: 2, leaseMs: 1_000 });
    throw new Error(`took ${calls.length}`);
  });
  await expect(rolledBack).rejects.toThrow("took 2");
});
