import type { Payment } from "../domain/payment.ts";

/** A payment as JSON keeps it: times as text. */
export type StoredPayment = ReturnType<typeof storePayment>;

/** Turns a payment into a JSON value, from which `revivePayment` makes the same payment again. */
export function storePayment(payment: Payment) {
  return {
    ...payment,
    requestedAt: payment.requestedAt.toISOString(),
    capturedAt: payment.capturedAt?.toISOString() ?? null,
    updatedAt: payment.updatedAt.toISOString(),
    ledger: payment.ledger.map((entry) => ({ ...entry, occurredAt: entry.occurredAt.toISOString() })),
  };
}

/** The payment that was stored. */
export function revivePayment(stored: StoredPayment): Payment {
  return {
    ...stored,
    requestedAt: new Date(stored.requestedAt),
    capturedAt: stored.capturedAt === null ? null : new Date(stored.capturedAt),
    updatedAt: new Date(stored.updatedAt),
    ledger: stored.ledger.map((entry) => ({ ...entry, occurredAt: new Date(entry.occurredAt) })),
  };
}
