import { describe, expect, it } from "vitest";
import type { OrderRow } from "./order-state.ts";
import {
  cancellation,
  deadlineAfter,
  onDeadline,
  onReply,
  resumption,
  SAGA_STEPS,
  TIMED_OUT,
} from "./saga.ts";

const prepaid = { status: "PENDING", paymentTerms: "PREPAID" } as const;
const onAccount = { status: "PENDING", paymentTerms: "ON_ACCOUNT" } as const;
const reply = (type: string, data = {}) => ({ type, data });

describe("a reply", () => {
  it("leads a prepaid order from credit over the payment to its end", () => {
    expect(onReply("RESERVE_CREDIT", prepaid, reply("CreditReserved"))).toEqual({
      commands: [{ type: "RecordCreditReserved" }],
      next: "AUTHORISE_PAYMENT",
    });
    expect(onReply("AUTHORISE_PAYMENT", prepaid, reply("PaymentAuthorised", { paymentId: "p" }))).toEqual({
      commands: [{ type: "RecordPaymentAuthorised", paymentId: "p" }],
      next: "CAPTURE_PAYMENT",
    });
    expect(onReply("CAPTURE_PAYMENT", prepaid, reply("PaymentCaptured"))).toEqual({
      commands: [{ type: "ConfirmOrder" }],
      next: null,
    });
  });

  it("that a payment was refunded kept the order of a capture whose own reply was lost waiting for ever", () => {
    expect(onReply("CAPTURE_PAYMENT", prepaid, reply("PaymentRefunded"))).toEqual({
      commands: [{ type: "ConfirmOrder" }],
      next: null,
    });
  });

  it("confirms an order on account as soon as credit is held", () => {
    expect(onReply("RESERVE_CREDIT", onAccount, reply("CreditReserved"))).toEqual({
      commands: [{ type: "RecordCreditReserved" }, { type: "ConfirmOrder" }],
      next: null,
    });
  });

  it("says why an order is refused, and gives back what is held", () => {
    const refused = reply("CreditReservationFailed", { reason: "CUSTOMER_SUSPENDED" });
    expect(onReply("RESERVE_CREDIT", prepaid, refused)).toEqual({
      commands: [{ type: "RecordCreditRefused", reason: "CUSTOMER_SUSPENDED" }],
      next: null,
    });
    expect(
      onReply("AUTHORISE_PAYMENT", prepaid, reply("PaymentDeclined", { reason: "card expired" })),
    ).toEqual({
      commands: [{ type: "RecordPaymentDeclined", reason: "card expired" }],
      next: "RELEASE_CREDIT",
    });
  });

  it("ends a rejection or a cancellation when credit is released", () => {
    const end = (status: "REJECTING" | "CANCELLING") =>
      onReply("RELEASE_CREDIT", { ...prepaid, status }, reply("CreditReleased"))?.commands;
    expect(end("REJECTING")).toEqual([{ type: "FinishRejection" }]);
    expect(end("CANCELLING")).toEqual([{ type: "FinishCancellation" }]);
  });

  it.each(["PaymentVoided", "PaymentRefunded"])(
    "that says %s lets a reversal go on to the credit",
    (type) => {
      expect(onReply("REVERSE_PAYMENT", prepaid, reply(type))).toEqual({
        commands: [],
        next: "RELEASE_CREDIT",
      });
    },
  );

  it("to another step is passed over", () => {
    expect(onReply("AUTHORISE_PAYMENT", prepaid, reply("CreditReserved"))).toBeNull();
    expect(onReply("RELEASE_CREDIT", prepaid, reply("PaymentCaptured"))).toBeNull();
  });
});

describe("a deadline", () => {
  it.each(SAGA_STEPS)("has %s asked for again", (step) => {
    expect(onDeadline(step, prepaid, 1)).toEqual({ commands: [], next: step });
  });

  it("calls the order off where a step that can be undone got no reply", () => {
    expect(onDeadline("RESERVE_CREDIT", prepaid, 5)).toEqual({
      commands: [{ type: "RequestCancellation", reason: TIMED_OUT }],
      next: "RELEASE_CREDIT",
    });
    expect(onDeadline("AUTHORISE_PAYMENT", { ...prepaid, status: "CREDIT_RESERVED" }, 5).next).toBe(
      "REVERSE_PAYMENT",
    );
  });

  it.each(["CAPTURE_PAYMENT", "REVERSE_PAYMENT", "RELEASE_CREDIT", "SETTLE_CREDIT"] as const)(
    "never gives %s up",
    (step) => expect(onDeadline(step, prepaid, 1_000)).toEqual({ commands: [], next: step }),
  );

  it("comes later with each attempt, to a limit", () => {
    const at = new Date(0);
    const waits = [1, 2, 3, 20].map((attempts, index) =>
      deadlineAfter(at, attempts, { patienceMs: 1_000, spread: index / 3 }).getTime(),
    );
    for (const [index, least] of [1_000, 2_000, 4_000, 300_000].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      expect(waits[index]).toBeLessThanOrEqual(least * 1.5);
    }
  });
});

describe("a cancellation", () => {
  it("gives back in reverse: the payment where one may have been asked for, then the credit", () => {
    expect(cancellation(prepaid, "why").next).toBe("RELEASE_CREDIT");
    for (const status of ["CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"] as const) {
      expect(cancellation({ ...prepaid, status }, null).next).toBe("REVERSE_PAYMENT");
      expect(cancellation({ ...onAccount, status }, null).next).toBe("RELEASE_CREDIT");
    }
  });
});

it.each(["PaymentVoided", "PaymentRefunded", "PaymentDeclined"])(
  "an order that was called off while its payment was declined waited for ever: %s ends the reversal",
  (type) => {
    const order = { status: "CANCELLING", paymentTerms: "PREPAID" } as const;
    const given = reply(type, { reason: "card declined" });
    expect(onReply("REVERSE_PAYMENT", order, given)).toEqual({ commands: [], next: "RELEASE_CREDIT" });
  },
);

describe("going on with an order that stands still", () => {
  const order = (status: OrderRow["status"]) => ({ ...prepaid, id: "o", status }) as unknown as OrderRow;

  it("asks again for what it waits for, and only where the order's state has such a step", () => {
    expect(resumption(order("CREDIT_RESERVED"), "AUTHORISE_PAYMENT")).toEqual({
      commands: [],
      next: "AUTHORISE_PAYMENT",
    });
    expect(() => resumption(order("FULFILLED"), "RESERVE_CREDIT")).toThrow("no resumption");
    expect(() => resumption(order("CANCELLED"), "REVERSE_PAYMENT")).toThrow("no resumption");
  });

  it.each(["REJECTED", "CANCELLED"] as const)(
    "that is %s releases its credit, and moves it nowhere",
    (status) => {
      expect(resumption(order(status), null)).toEqual({ commands: [], next: "RELEASE_CREDIT" });
      expect(onReply("RELEASE_CREDIT", order(status), reply("CreditReleased"))).toEqual({
        commands: [],
        next: null,
      });
    },
  );

  it("that is being called off goes on with it", () => {
    expect(resumption(order("REJECTING"), null).next).toBe("RELEASE_CREDIT");
    expect(resumption(order("CANCELLING"), null).next).toBe("REVERSE_PAYMENT");
    const invoiced = { ...order("CANCELLING"), paymentTerms: "ON_ACCOUNT" } as OrderRow;
    expect(resumption(invoiced, null).next).toBe("RELEASE_CREDIT");
  });

  it.each(["PENDING", "CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED", "FULFILLED"] as const)(
    "that is %s and waits for nothing is refused",
    (status) => {
      expect(() => resumption(order(status), null)).toThrow("no resumption");
    },
  );
});
