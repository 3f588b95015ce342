import { PaymentError } from "./payment-error.ts";
import type { LedgerEntryRecord, LedgerEntryType, Payment, PaymentRecord, PaymentStatus } from "./payment.ts";
import { sumMoney, type Money } from "./money.ts";

/** How much moved in all, by what moved. */
export type LedgerTotals = Readonly<Record<LedgerEntryType, Money>>;

/**
 * Adds a ledger up.
 *
 * @throws {MoneyError} where its entries are of another currency
 */
export function totalsOf(ledger: readonly LedgerEntryRecord[], currency: string): LedgerTotals {
  const totalOf = (type: LedgerEntryType) =>
    sumMoney(
      currency,
      ledger.filter((entry) => entry.type === type).map(({ amount }) => amount),
    );
  return {
    AUTHORISATION: totalOf("AUTHORISATION"),
    CAPTURE: totalOf("CAPTURE"),
    REFUND: totalOf("REFUND"),
    VOID: totalOf("VOID"),
  };
}

/**
 * The payment's ledger with one more entry.
 *
 * @param amount in the payment's currency
 */
export function appended(
  { ledger }: Payment,
  entry: Omit<LedgerEntryRecord, "sequence">,
): readonly LedgerEntryRecord[] {
  return [...ledger, { sequence: ledger.length + 1, ...entry }];
}

/**
 * Joins a payment with its ledger, so that it can be changed.
 *
 * @param ledger oldest first
 * @throws {PaymentError} BROKEN_LEDGER where the two do not add up: no more money is moved on such a payment
 */
export function withLedger(record: PaymentRecord, ledger: readonly LedgerEntryRecord[]): Payment {
  const faults = ledgerFaults(record, ledger);
  if (faults.length === 0) return { ...record, ledger };
  throw new PaymentError("BROKEN_LEDGER", `the ledger of payment ${record.id}: ${faults.join("; ")}`);
}

/** Every way in which a ledger does not add up to what the payment says of itself; none where it is sound. */
export function ledgerFaults(
  { status, amount, captured, refunded }: PaymentRecord,
  ledger: readonly LedgerEntryRecord[],
): string[] {
  const faults: string[] = [];
  const need = (holds: boolean, fault: string): void => void (holds || faults.push(fault));
  const { currency } = amount;
  if (ledger.some((entry) => entry.amount.currency !== currency)) return [`is not all in ${currency}`];
  const totals = totalsOf(ledger, currency);
  const [authorised, taken, returned, released] = [
    totals.AUTHORISATION.amountMinor,
    totals.CAPTURE.amountMinor,
    totals.REFUND.amountMinor,
    totals.VOID.amountMinor,
  ];
  need(
    ledger.every(({ sequence }, index) => sequence === index + 1),
    "has gaps",
  );
  need(
    ledger.every((entry) => entry.amount.amountMinor > 0),
    "has an amount that is not above zero",
  );
  need(authorised === 0 || authorised === amount.amountMinor, `authorises ${authorised}`);
  need(taken + released <= authorised, `takes or lets go of more than ${authorised}`);
  need(returned <= taken, `gives ${returned} back of ${taken}`);
  need(taken === captured.amountMinor, `captures ${taken}, the payment ${captured.amountMinor}`);
  need(returned === refunded.amountMinor, `refunds ${returned}, the payment ${refunded.amountMinor}`);
  need(mayHave(status, totals), `does not lead to ${status}`);
  return faults;
}

/** Whether a payment of this status can have moved so much. */
function mayHave(status: PaymentStatus, { AUTHORISATION, CAPTURE, REFUND, VOID }: LedgerTotals): boolean {
  const [authorised, captured, refunded, voided] = [
    AUTHORISATION.amountMinor,
    CAPTURE.amountMinor,
    REFUND.amountMinor,
    VOID.amountMinor,
  ];
  switch (status) {
    case "REQUESTED":
    case "DECLINED":
      return authorised === 0;
    case "AUTHORISED":
      return authorised > 0 && captured === 0 && voided === 0;
    case "VOIDED":
      return captured === 0 && voided === authorised;
    case "CAPTURED":
      return captured > 0 && refunded === 0;
    case "PARTIALLY_REFUNDED":
      return refunded > 0 && refunded < captured;
    case "REFUNDED":
      return captured > 0 && refunded === captured;
  }
}
