import { describe, expect, it } from "vitest";
import { ledgerFaults, totalsOf, withLedger } from "./ledger.ts";
import { createMoney } from "./money.ts";
import type { LedgerEntryRecord, LedgerEntryType, PaymentRecord, PaymentStatus } from "./payment.ts";

const usd = (amountMinor: number) => createMoney(amountMinor, "USD");

function entries(...movements: [LedgerEntryType, number][]): LedgerEntryRecord[] {
  return movements.map(([type, amountMinor], index) => ({
    sequence: index + 1,
    type,
    amount: usd(amountMinor),
    reason: null,
    occurredAt: new Date(0),
  }));
}

function payment(status: PaymentStatus, captured = 0, refunded = 0): PaymentRecord {
  return {
    id: "p",
    customerId: "c",
    orderId: null,
    reference: null,
    status,
    method: "CARD",
    amount: usd(100),
    captured: usd(captured),
    refunded: usd(refunded),
    declineReason: null,
    requestedAt: new Date(0),
    capturedAt: null,
    version: 1,
    updatedAt: new Date(0),
  };
}

const [AUTHORISED, CAPTURED] = [
  ["AUTHORISATION", 100] as [LedgerEntryType, number],
  ["CAPTURE", 100] as [LedgerEntryType, number],
];

describe("a ledger", () => {
  it.each([
    ["REQUESTED", payment("REQUESTED"), []],
    ["DECLINED", payment("DECLINED"), []],
    ["AUTHORISED", payment("AUTHORISED"), [AUTHORISED]],
    ["VOIDED early", payment("VOIDED"), []],
    ["VOIDED", payment("VOIDED"), [AUTHORISED, ["VOID", 100]]],
    ["CAPTURED", payment("CAPTURED", 100), [AUTHORISED, CAPTURED]],
    ["PARTIALLY_REFUNDED", payment("PARTIALLY_REFUNDED", 100, 40), [AUTHORISED, CAPTURED, ["REFUND", 40]]],
    ["REFUNDED", payment("REFUNDED", 100, 100), [AUTHORISED, CAPTURED, ["REFUND", 40], ["REFUND", 60]]],
  ] as [string, PaymentRecord, [LedgerEntryType, number][]][])(
    "adds up to a payment %s",
    (_, record, moved) => {
      expect(ledgerFaults(record, entries(...moved))).toEqual([]);
      expect(withLedger(record, entries(...moved)).ledger).toHaveLength(moved.length);
    },
  );

  it.each([
    ["captures more than the payment says", payment("CAPTURED", 90), [AUTHORISED, CAPTURED]],
    ["captures what was not set aside", payment("CAPTURED", 100), [CAPTURED]],
    [
      "gives back more than was captured",
      payment("REFUNDED", 100, 120),
      [AUTHORISED, CAPTURED, ["REFUND", 120]],
    ],
    [
      "refunds less than the payment says",
      payment("REFUNDED", 100, 100),
      [AUTHORISED, CAPTURED, ["REFUND", 99]],
    ],
    ["sets aside another amount", payment("AUTHORISED"), [["AUTHORISATION", 99]]],
    ["lets go of what was captured", payment("CAPTURED", 100), [AUTHORISED, CAPTURED, ["VOID", 100]]],
    ["is empty, of a payment AUTHORISED", payment("AUTHORISED"), []],
    ["is empty, of a payment CAPTURED", payment("CAPTURED"), []],
    ["still holds what is VOIDED", payment("VOIDED"), [AUTHORISED]],
    ["has money of a payment DECLINED", payment("DECLINED"), [AUTHORISED]],
    [
      "has no refund of a payment PARTIALLY_REFUNDED",
      payment("PARTIALLY_REFUNDED", 100),
      [AUTHORISED, CAPTURED],
    ],
    [
      "has refunded all of a payment PARTIALLY_REFUNDED",
      payment("PARTIALLY_REFUNDED", 100, 100),
      [AUTHORISED, CAPTURED, ["REFUND", 100]],
    ],
    ["has an amount of nothing", payment("CAPTURED", 100), [AUTHORISED, CAPTURED, ["REFUND", 0]]],
  ] as [string, PaymentRecord, [LedgerEntryType, number][]][])("that %s is found out", (_, record, moved) => {
    expect(ledgerFaults(record, entries(...moved))).not.toEqual([]);
    expect(() => withLedger(record, entries(...moved))).toThrow(
      expect.objectContaining({ code: "BROKEN_LEDGER" }),
    );
  });

  it("with a gap is found out", () => {
    const [first, second] = entries(AUTHORISED, CAPTURED) as [LedgerEntryRecord, LedgerEntryRecord];
    expect(ledgerFaults(payment("CAPTURED", 100), [first, { ...second, sequence: 3 }])).toEqual(["has gaps"]);
  });

  it("of two currencies never adds up", () => {
    const mixed = [
      ...entries(AUTHORISED),
      { ...entries(CAPTURED)[0]!, sequence: 2, amount: createMoney(100, "EUR") },
    ];
    expect(ledgerFaults(payment("CAPTURED", 100), mixed)).toEqual(["is not all in USD"]);
    expect(() => totalsOf(mixed, "USD")).toThrow(expect.objectContaining({ code: "CURRENCY_MISMATCH" }));
  });
});
