import type { Money } from "./money.ts";

/** Money to be given back, as it was asked for. */
export interface Refund {
  readonly paymentId: string;
  readonly amount: Money;
  /** In words for the customer. */
  readonly reason: string;
  /** The version of the payment that the caller saw. */
  readonly expectedVersion: number;
  readonly idempotencyKey: string;
}

/** One fault: where, as a path into the input, and what. */
export interface RefundFault {
  path: string;
  message: string;
}

const LONGEST_REASON = 500;
const LONGEST_KEY = 255;

/** Every rule that a refund breaks whatever the payment is; none where it is sound. */
export function refundFaults({ amount, reason, expectedVersion, idempotencyKey }: Refund): RefundFault[] {
  const faults: RefundFault[] = [];
  const need = (holds: boolean, path: string, message: string): void =>
    void (holds || faults.push({ path, message }));
  need(amount.amountMinor > 0, "amount.amountMinor", "must be above zero");
  need(reason.trim() !== "", "reason", "must not be empty");
  need(reason.length <= LONGEST_REASON, "reason", `must be at most ${LONGEST_REASON} characters`);
  need(isText(reason), "reason", "must be text without NUL characters and broken surrogate pairs");
  need(expectedVersion >= 1, "expectedVersion", "must be 1 or more");
  need(idempotencyKey !== "", "idempotencyKey", "must not be empty");
  need(idempotencyKey.length <= LONGEST_KEY, "idempotencyKey", `must be at most ${LONGEST_KEY} characters`);
  need(
    isText(idempotencyKey),
    "idempotencyKey",
    "must be text without NUL characters and broken surrogate pairs",
  );
  return faults;
}

/** Whether PostgreSQL can keep it. */
function isText(value: string): boolean {
  return !value.includes("\0") && value.isWellFormed();
}
