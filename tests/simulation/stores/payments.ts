import { withLedger, type PaymentStore, type ProviderCall } from "@tributary/payment/protocol";
import { short } from "../world/broker.ts";
import { DatabaseError, type Database, type Transaction } from "../world/database.ts";
import type { StoredCall } from "../tables.ts";
import { createIdempotencyStore } from "./idempotency.ts";
import { send } from "./messages.ts";

/** The store of one transaction of the payment context. */
export function createSimulatedPaymentStore(database: Database, transaction: Transaction): PaymentStore {
  const { get, put, now } = transaction;

  async function lockPayment(id: string): ReturnType<PaymentStore["lockPayment"]> {
    await transaction.lock("payments", id);
    const record = get("payments", id)!;
    return withLedger(record, get("ledger_entries", id)?.entries ?? []);
  }
  const callsOf = (paymentId: string): StoredCall[] =>
    transaction
      .rows("provider_calls")
      .filter((call) => call.paymentId === paymentId)
      .sort((left, right) => left.sequence - right.sequence);

  /** An UPDATE of a call that was not answered yet, looked at again once it is locked. */
  async function updateOpenCall(id: string, change: (call: StoredCall) => StoredCall): Promise<boolean> {
    if (get("provider_calls", id)?.nextAttemptAt == null) return false;
    await transaction.lock("provider_calls", id);
    const call = get("provider_calls", id)!;
    if (call.nextAttemptAt === null) return false;
    put("provider_calls", id, change(call));
    return true;
  }

  return {
    ...createIdempotencyStore(transaction),
    lockPayment: (id, visible) =>
      transaction.statement(`lock payment ${short(id)}`, async () => {
        const record = get("payments", id);
        if (record === null || visible === "nobody's") return null;
        if (typeof visible === "object" && visible.customerId !== record.customerId) return null;
        return lockPayment(id);
      }),
    lockPaymentOfOrder: (orderId) =>
      transaction.statement(`lock the payment of order ${short(orderId)}`, async () => {
        const record = transaction.rows("payments").find((row) => row.orderId === orderId);
        return record ? lockPayment(record.id) : null;
      }),
    insertPayment: (payment) =>
      transaction.statement(`insert payment ${short(payment.id)}: ${payment.status}`, async () => {
        const { ledger: _, ...record } = payment;
        if (
          payment.orderId !== null &&
          !(await transaction.insert("payments_order_id_key", payment.orderId, {}))
        )
          throw new DatabaseError("23505", `order ${payment.orderId} has a payment already`);
        await transaction.insert("payments", payment.id, record);
      }),
    savePayment: (before, after) =>
      transaction.statement(`save payment ${short(after.id)}: ${after.status}`, async () => {
        const { ledger, ...record } = after;
        await transaction.lock("payments", before.id);
        if (get("payments", before.id)?.version !== before.version)
          throw new Error(`payment ${before.id} was changed by another while it was locked`);
        put("payments", after.id, record);
        const entries = get("ledger_entries", after.id)?.entries ?? [];
        const added = ledger.slice(before.ledger.length);
        await transaction.lock("ledger_entries", after.id);
        put("ledger_entries", after.id, {
          paymentId: after.id,
          entries: [...entries, ...added],
        });
      }),
    addProviderCall: (call) =>
      transaction.statement(
        `note a call: ${call.action} ${short(call.paymentId)} as ${short(call.id)}`,
        async () => {
          const last = callsOf(call.paymentId).at(-1);
          if (last && last.action === call.action && call.action !== "REFUND") {
            const { requestId, correlationId, traceparent } = call;
            if (await updateOpenCall(last.id, (row) => ({ ...row, requestId, correlationId, traceparent })))
              return;
          }
          const sequence = (last?.sequence ?? 0) + 1;
          const row: StoredCall = { ...call, sequence, attempts: 0, nextAttemptAt: now() };
          if (
            !(await transaction.insert(
              "provider_calls_payment_id_sequence_key",
              `${call.paymentId} ${sequence}`,
              {},
            ))
          )
            throw new DatabaseError("23505", `payment ${call.paymentId} has a call ${sequence} already`);
          await transaction.insert("provider_calls", call.id, row);
        },
      ),
    takeProviderCalls: ({ most, leaseMs }) =>
      transaction.statement("take calls", () => {
        const first = new Map<string, StoredCall>();
        for (const call of transaction.rows("provider_calls")) {
          if (call.nextAttemptAt === null) continue;
          const earlier = first.get(call.paymentId);
          if (!earlier || call.sequence < earlier.sequence) first.set(call.paymentId, call);
        }
        const taken: StoredCall[] = [];
        const due = [...first.values()]
          .filter(({ nextAttemptAt }) => nextAttemptAt! <= now())
          .sort((left, right) => left.nextAttemptAt! - right.nextAttemptAt!);
        for (const call of due) {
          if (taken.length === most) break;
          if (!transaction.tryLock("provider_calls", call.id)) continue;
          const row = { ...call, attempts: call.attempts + 1, nextAttemptAt: now() + leaseMs };
          put("provider_calls", call.id, row);
          taken.push(row);
        }
        return taken.map((call) => ({ ...toCall(call), payment: get("payments", call.paymentId)! }));
      }),
    hasOpenReversal: (paymentId) =>
      transaction.statement(`is ${short(paymentId)} being reversed`, () =>
        callsOf(paymentId).some(
          ({ action, nextAttemptAt }) => action === "REVERSE" && nextAttemptAt !== null,
        ),
      ),
    postponeProviderCall: (id, waitMs) =>
      transaction.statement(`postpone ${short(id)}`, async () => {
        await updateOpenCall(id, (call) => ({ ...call, nextAttemptAt: Math.round(now() + waitMs) }));
      }),
    paymentOfCall: (id) =>
      transaction.statement(`whose call is ${short(id)}`, () => {
        const call = get("provider_calls", id);
        return call?.nextAttemptAt == null ? null : call.paymentId;
      }),
    endProviderCall: (id) =>
      transaction.statement(`the call ${short(id)} is answered`, async () => {
        if (!(await updateOpenCall(id, (call) => ({ ...call, nextAttemptAt: null })))) return null;
        const call = get("provider_calls", id)!;
        const isFollowed = callsOf(call.paymentId).some(
          ({ sequence, nextAttemptAt }) => sequence > call.sequence && nextAttemptAt !== null,
        );
        return { ...toCall(call), isFollowed };
      }),
    send: (messages) => send(database, transaction, messages),
  };
}

function toCall({ id, paymentId, action, amountMinor, ...row }: StoredCall): ProviderCall {
  const { requestId, correlationId, traceparent, attempts } = row;
  return { id, paymentId, action, amountMinor, requestId, correlationId, traceparent, attempts };
}
