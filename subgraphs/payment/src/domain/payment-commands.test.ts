import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ledgerFaults } from "./ledger.ts";
import { createMoney } from "./money.ts";
import {
  authorisePayment,
  capturePayment,
  declinePayment,
  refundableOf,
  refundPayment,
  requestPayment,
  voidPayment,
} from "./payment-commands.ts";
import type { PaymentErrorCode } from "./payment-error.ts";
import type { Payment, PaymentStatus } from "./payment.ts";

const seed = Math.floor(Math.random() * 2 ** 31);

const at = (minute: number) => new Date(Date.UTC(2024, 0, 1, 0, minute));

function requested(amountMinor = 1_000): Payment {
  return requestPayment({
    id: "018d0000-0000-7000-8000-000000000001",
    customerId: "018d0000-0000-7000-8000-000000000002",
    orderId: null,
    reference: "A-1",
    method: "CARD",
    amount: createMoney(amountMinor, "USD"),
    requestedAt: at(0),
  });
}
const captured = (amountMinor?: number) =>
  capturePayment(authorisePayment(requested(amountMinor), at(1)), at(2));
const usd = (amountMinor: number) => createMoney(amountMinor, "USD");
const shape = ({ ledger }: Payment) =>
  ledger.map(({ sequence, type, amount, reason }) => [sequence, type, amount.amountMinor, reason]);

describe("a payment", () => {
  it("is authorised, captured, and given back in parts until all is back", () => {
    const part = refundPayment(captured(), { amount: usd(400), reason: "one was broken" }, at(3));
    expect(part).toMatchObject({
      status: "PARTIALLY_REFUNDED",
      version: 4,
      capturedAt: at(2),
      updatedAt: at(3),
    });
    expect(refundableOf(part)).toEqual(usd(600));
    const all = refundPayment(part, { amount: usd(600), reason: "all were" }, at(4));
    expect(all).toMatchObject({ status: "REFUNDED", captured: usd(1_000), refunded: usd(1_000), version: 5 });
    expect(shape(all)).toEqual([
      [1, "AUTHORISATION", 1_000, null],
      [2, "CAPTURE", 1_000, null],
      [3, "REFUND", 400, "one was broken"],
      [4, "REFUND", 600, "all were"],
    ]);
  });

  it("lets go of what was set aside where it is voided, and of nothing where nothing was", () => {
    expect(shape(voidPayment(authorisePayment(requested(), at(1)), "called off", at(2)))).toEqual([
      [1, "AUTHORISATION", 1_000, null],
      [2, "VOID", 1_000, "called off"],
    ]);
    expect(voidPayment(requested(), null, at(1))).toMatchObject({ status: "VOIDED", version: 2, ledger: [] });
  });

  it("keeps why it was declined, and moves no money", () => {
    const declined = declinePayment(requested(), "no cover", at(1));
    expect(declined).toMatchObject({ status: "DECLINED", declineReason: "no cover", ledger: [] });
  });

  it("is never changed in place", () => {
    const before = captured();
    const copy = structuredClone(before);
    refundPayment(before, { amount: usd(1), reason: "why" }, at(3));
    expect(before).toEqual(copy);
  });

  it.each([
    [
      "more than is left",
      () => refundPayment(captured(), { amount: usd(1_001), reason: "r" }, at(3)),
      "REFUND_EXCEEDS_CAPTURED",
    ],
    [
      "another currency",
      () => refundPayment(captured(), { amount: createMoney(1, "EUR"), reason: "r" }, at(3)),
      "CURRENCY_MISMATCH",
    ],
    ["nothing", () => refundPayment(captured(), { amount: usd(0), reason: "r" }, at(3)), "INVALID_AMOUNT"],
    [
      "less than nothing",
      () => refundPayment(captured(), { amount: usd(-1), reason: "r" }, at(3)),
      "INVALID_AMOUNT",
    ],
    [
      "what was not captured",
      () => refundPayment(requested(), { amount: usd(1), reason: "r" }, at(3)),
      "ILLEGAL_STATE",
    ],
  ])("gives back no refund of %s", (_, refund, code) => {
    expect(refund).toThrow(expect.objectContaining({ name: "PaymentError", code }));
  });

  it("is not asked for with an amount of nothing", () => {
    expect(() => requested(0)).toThrow(expect.objectContaining({ code: "INVALID_AMOUNT" }));
  });
});

type Command =
  | { type: "authorise" | "decline" | "capture" | "void" }
  | { type: "refund"; amountMinor: number; currency: string };

const commands = (amount: number) =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant<Command>({ type: "authorise" }) },
      { weight: 1, arbitrary: fc.constant<Command>({ type: "decline" }) },
      { weight: 4, arbitrary: fc.constant<Command>({ type: "capture" }) },
      { weight: 1, arbitrary: fc.constant<Command>({ type: "void" }) },
      {
        weight: 12,
        arbitrary: fc.record({
          type: fc.constant("refund" as const),
          amountMinor: fc.oneof(
            fc.integer({ min: 1, max: Math.ceil(amount / 3) }),
            fc.integer({ min: -1, max: amount + 2 }),
          ),
          currency: fc.oneof(
            { weight: 9, arbitrary: fc.constant("USD") },
            { weight: 1, arbitrary: fc.constant("EUR") },
          ),
        }),
      },
    ),
    { maxLength: 25 },
  );

function run(payment: Payment, command: Command, time: Date): Payment {
  switch (command.type) {
    case "authorise":
      return authorisePayment(payment, time);
    case "decline":
      return declinePayment(payment, "no cover", time);
    case "capture":
      return capturePayment(payment, time);
    case "void":
      return voidPayment(payment, "called off", time);
    case "refund":
      return refundPayment(
        payment,
        { amount: createMoney(command.amountMinor, command.currency), reason: "why" },
        time,
      );
  }
}

/** The same machine in sums alone, with no ledger and nothing of the code that is tested. */
interface Model {
  status: PaymentStatus;
  authorised: number;
  captured: number;
  refunded: number;
}

/** The state that follows, or the code of the refusal. */
function step(model: Model, command: Command, amount: number): Model | PaymentErrorCode {
  const is = (...statuses: PaymentStatus[]) => statuses.includes(model.status);
  switch (command.type) {
    case "authorise":
      return is("REQUESTED") ? { ...model, status: "AUTHORISED", authorised: amount } : "ILLEGAL_STATE";
    case "decline":
      return is("REQUESTED") ? { ...model, status: "DECLINED" } : "ILLEGAL_STATE";
    case "capture":
      return is("AUTHORISED") ? { ...model, status: "CAPTURED", captured: amount } : "ILLEGAL_STATE";
    case "void":
      return is("REQUESTED", "AUTHORISED") ? { ...model, status: "VOIDED" } : "ILLEGAL_STATE";
    case "refund": {
      const refunded = model.refunded + command.amountMinor;
      if (command.amountMinor <= 0) return "INVALID_AMOUNT";
      if (!is("CAPTURED", "PARTIALLY_REFUNDED")) return "ILLEGAL_STATE";
      if (command.currency !== "USD") return "CURRENCY_MISMATCH";
      if (refunded > model.captured) return "REFUND_EXCEEDS_CAPTURED";
      return { ...model, refunded, status: refunded === amount ? "REFUNDED" : "PARTIALLY_REFUNDED" };
    }
  }
}

describe(`whatever is asked of a payment (fast-check seed ${seed})`, () => {
  it("A3: refunded <= captured <= authorised, and the ledger adds up to the state", () => {
    const reached = new Set<PaymentStatus>();
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }).chain((amount) => fc.tuple(fc.constant(amount), commands(amount))),
        ([amount, sequence]) => {
          let payment = requested(amount);
          let model: Model = { status: "REQUESTED", authorised: 0, captured: 0, refunded: 0 };
          for (const [index, command] of sequence.entries()) {
            const before = payment;
            const next = step(model, command, amount);
            if (typeof next === "string") {
              expect(() => run(before, command, at(index))).toThrow(
                expect.objectContaining({ name: "PaymentError", code: next }),
              );
              continue;
            }
            payment = run(before, command, at(index));
            model = next;
            reached.add(payment.status);

            const moved = (type: string) =>
              payment.ledger.reduce(
                (sum, entry) => sum + (entry.type === type ? entry.amount.amountMinor : 0),
                0,
              );
            expect({
              status: payment.status,
              authorised: moved("AUTHORISATION"),
              captured: moved("CAPTURE"),
              refunded: moved("REFUND"),
            }).toEqual(model);
            expect([payment.captured, payment.refunded]).toEqual([usd(model.captured), usd(model.refunded)]);
            expect(model.refunded <= model.captured && model.captured <= model.authorised).toBe(true);
            expect(payment.ledger.map(({ sequence: place }) => place)).toEqual(
              payment.ledger.map((_, i) => i + 1),
            );
            expect(payment.ledger.slice(0, before.ledger.length)).toEqual(before.ledger);
            expect(payment.version).toBe(before.version + 1);
            expect(ledgerFaults(payment, payment.ledger)).toEqual([]);
          }
        },
      ),
      { seed, numRuns: 1_000 },
    );
    // The sequences go everywhere, so that the above was about something.
    expect([...reached].sort()).toEqual(
      ["AUTHORISED", "CAPTURED", "DECLINED", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED"].sort(),
    );
  });
});
