import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderCommand } from "./order-commands.ts";
import { decide } from "./order-commands.ts";
import { OrderError } from "./order-error.ts";
import type { OrderCreatedData, OrderEvent } from "./order-events.ts";
import { ORDER_EVENT_TYPES, readOrderEvent } from "./order-events.ts";
import type { OrderState } from "./order-state.ts";
import { evolve, fold, mayHappen, toRow } from "./order-state.ts";
import type { OrderStatus } from "./order-status.ts";
import { ORDER_STATUSES } from "./order-status.ts";

const seed = Number(process.env["TEST_SEED"]);
const orderId = "0199aaaa-0000-7000-8000-000000000001";
const start = Date.UTC(2026, 0, 1);

const sample: OrderCreatedData = {
  customerId: "0199aaaa-0000-7000-8000-000000000002",
  number: "42",
  currency: "USD",
  paymentTerms: "PREPAID",
  lines: [
    { lineNumber: 2, productCode: "B", productName: "Bolt", quantity: 3, unitPriceMinor: 250 },
    { lineNumber: 1, productCode: "A", productName: "Anvil", quantity: 1, unitPriceMinor: 99_99 },
  ],
  requiredBy: "2026-02-01T00:00:00.000Z",
  comments: null,
  sourceStatus: null,
  sourceShippedAt: null,
};

/** The steps that the domain's picture draws, written down once more: from, to. */
const DRAWN: readonly (readonly [OrderStatus, OrderStatus])[] = [
  ["PENDING", "CREDIT_RESERVED"],
  ["PENDING", "REJECTED"],
  ["PENDING", "CANCELLING"],
  ["CREDIT_RESERVED", "PAYMENT_AUTHORISED"],
  ["CREDIT_RESERVED", "REJECTING"],
  ["CREDIT_RESERVED", "CANCELLING"],
  ["PAYMENT_AUTHORISED", "CONFIRMED"],
  ["PAYMENT_AUTHORISED", "CANCELLING"],
  ["CONFIRMED", "FULFILLED"],
  ["CONFIRMED", "CANCELLING"],
  ["REJECTING", "REJECTED"],
  ["CANCELLING", "CANCELLED"],
];

const steps: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.constant<OrderCommand>({ type: "RecordCreditReserved" }),
  fc.constant<OrderCommand>({ type: "RecordCreditRefused", reason: "INSUFFICIENT_CREDIT" }),
  fc.constant<OrderCommand>({ type: "RecordPaymentAuthorised", paymentId: "p" }),
  fc.constant<OrderCommand>({ type: "RecordPaymentDeclined", reason: "card expired" }),
  fc.constant<OrderCommand>({ type: "FinishRejection" }),
  fc.constant<OrderCommand>({ type: "ConfirmOrder" }),
  fc.constant<OrderCommand>({ type: "RequestCancellation", reason: null }),
  fc.constant<OrderCommand>({ type: "FinishCancellation" }),
  fc.constant<OrderCommand>({ type: "FulfilOrder" }),
);

const orders = fc.record({
  paymentTerms: fc.constantFrom("PREPAID" as const, "ON_ACCOUNT" as const),
  sourceStatus: fc.constantFrom(null, "Shipped"),
  quantities: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 }),
});

/** Sends commands one after another, skipping those that the order's state refuses; returns the events. */
function run(order: OrderCreatedData, commands: readonly OrderCommand[]): OrderEvent[] {
  const events = decide(null, { type: "PlaceOrder", orderId, order }, new Date(start));
  let state = fold(events);
  for (const [index, command] of commands.entries()) {
    try {
      for (const event of decide(state, command, new Date(start + (index + 1) * 1000))) {
        state = evolve(state, event);
        events.push(event);
      }
    } catch (error) {
      if (!(error instanceof OrderError) || error.code !== "ILLEGAL_TRANSITION") throw error;
      expect(error.status).toBe(state?.status);
    }
  }
  return events;
}

function reach(commands: readonly OrderCommand["type"][], order = sample): OrderState {
  const full = commands.map((type) => ({ type, reason: "because", paymentId: "p" }) as OrderCommand);
  const state = fold(run(order, full));
  if (state === null || state.version !== commands.length + 1) throw new Error("a command was refused");
  return state;
}

describe("an order", () => {
  it("walks only along the steps that are drawn, with versions that have no gap", () => {
    const walked = new Set<string>();
    fc.assert(
      fc.property(orders, fc.array(steps, { maxLength: 25 }), ({ quantities, ...rest }, commands) => {
        const lines = quantities.map((quantity, index) => ({
          lineNumber: index + 1,
          productCode: "A",
          productName: "Anvil",
          quantity,
          unitPriceMinor: 7,
        }));
        const events = run({ ...sample, ...rest, lines }, commands);
        expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
        const allowed = new Set(DRAWN.map(([from, to]) => `${from} ${to}`));
        if (rest.paymentTerms === "ON_ACCOUNT") {
          allowed.add("CREDIT_RESERVED CONFIRMED").delete("CREDIT_RESERVED PAYMENT_AUTHORISED");
        }
        if (rest.sourceStatus !== null) allowed.add("PENDING CONFIRMED");
        let state: OrderState | null = null;
        for (const event of events) {
          const from: OrderStatus | undefined = state?.status;
          state = evolve(state, event);
          if (from === undefined) continue;
          walked.add(`${from} ${state.status}`);
          expect(allowed).toContain(`${from} ${state.status}`);
        }
        expect(state).toStrictEqual(fold(events));
        expect(state?.totalMinor).toBe(quantities.reduce((sum, quantity) => sum + quantity * 7, 0));
        expect(state?.version).toBe(events.length);
      }),
      { seed, numRuns: 2000 },
    );
    // A walk that never came to a step would say nothing about it.
    for (const [from, to] of DRAWN) expect(walked).toContain(`${from} ${to}`);
  });

  it("refuses a stream with an event missing, doubled or out of order", () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 5, maxLength: 25 }), fc.nat(), (commands, pick) => {
        const events = run(sample, [{ type: "RecordCreditReserved" }, ...commands]);
        const at = pick % events.length;
        const doubled = events.toSpliced(at, 0, events[at] as OrderEvent);
        expect(() => fold(doubled)).toThrow(OrderError);
        if (at < events.length - 1) {
          expect(() => fold(events.toSpliced(at, 1))).toThrow(OrderError);
          const [here, next] = [events[at], events[at + 1]] as [OrderEvent, OrderEvent];
          expect(() => fold(events.with(at, next).with(at + 1, here))).toThrow(OrderError);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  it("comes back the same from JSON, as the table keeps it", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 10 }), (commands) => {
        const events = run(sample, commands);
        const stored = events.map((event) => ({ ...event, data: JSON.parse(JSON.stringify(event.data)) }));
        expect(fold(stored.map(readOrderEvent))).toStrictEqual(fold(events));
      }),
      { seed, numRuns: 200 },
    );
  });

  it("is its row: the columns and nothing more", () => {
    const state = reach(["RecordCreditReserved", "RecordPaymentAuthorised", "ConfirmOrder", "FulfilOrder"]);
    expect(state.lines.map(({ lineNumber }) => lineNumber)).toEqual([1, 2]);
    expect(toRow(state)).toStrictEqual({
      id: orderId,
      number: "42",
      customerId: sample.customerId,
      status: "FULFILLED",
      paymentTerms: "PREPAID",
      sourceStatus: null,
      totalMinor: 3 * 250 + 99_99,
      currency: "USD",
      comments: null,
      rejectionReason: null,
      placedAt: new Date(start),
      requiredBy: new Date("2026-02-01T00:00:00Z"),
      fulfilledAt: new Date(start + 4000),
      version: 5,
      updatedAt: new Date(start + 4000),
    });
  });

  it("reaches every status", () => {
    const reached = [
      reach([]),
      reach(["RecordCreditReserved"]),
      reach(["RecordCreditReserved", "RecordPaymentAuthorised"]),
      reach(["RecordCreditReserved", "RecordPaymentAuthorised", "ConfirmOrder"]),
      reach(["RecordCreditReserved", "RecordPaymentAuthorised", "ConfirmOrder", "FulfilOrder"]),
      reach(["RecordCreditReserved", "RecordPaymentDeclined"]),
      reach(["RecordCreditReserved", "RecordPaymentDeclined", "FinishRejection"]),
      reach(["RequestCancellation"]),
      reach(["RequestCancellation", "FinishCancellation"]),
    ];
    expect(reached.map(({ status }) => status)).toEqual(ORDER_STATUSES);
    expect(reached[6]?.rejectionReason).toBe("because");
  });

  it("happens to nobody before it was placed, and is placed once", () => {
    for (const type of ORDER_EVENT_TYPES) expect(mayHappen(null, type)).toBe(type === "OrderCreated");
    expect(() => decide(null, { type: "FulfilOrder" }, new Date(start))).toThrow("before the order exists");
    expect(() => decide(reach([]), { type: "PlaceOrder", orderId, order: sample }, new Date(start))).toThrow(
      "which is PENDING",
    );
  });

  it("is refused in one step while PENDING, and in two, for the first reason, once credit is held", () => {
    const refuse = (state: OrderState, type: "RecordCreditRefused" | "FinishRejection") =>
      decide(state, { type, reason: "late" }, new Date(start));
    const rejecting = reach(["RecordCreditReserved", "RecordPaymentDeclined"]);
    expect(() => refuse(reach([]), "FinishRejection")).toThrow("which is PENDING");
    expect(() => refuse(rejecting, "RecordCreditRefused")).toThrow("which is REJECTING");
    expect(refuse(rejecting, "FinishRejection")).toMatchObject([{ data: { reason: "because" } }]);
  });

  it("takes no event of another order, and none of a type it does not know", () => {
    const [event] = decide(reach([]), { type: "RecordCreditReserved" }, new Date(start)) as [OrderEvent];
    expect(() => evolve(reach([]), { ...event, orderId: "another" })).toThrow(
      expect.objectContaining({ code: "FOREIGN_EVENT" }),
    );
    expect(() => readOrderEvent({ ...event, type: "OrderLost" })).toThrow(
      expect.objectContaining({ code: "UNKNOWN_EVENT" }),
    );
  });

  it("lists every fault of a new order at once", () => {
    const line = { lineNumber: 1, productCode: " ", productName: "", quantity: 0.5, unitPriceMinor: -1 };
    const order = { ...sample, number: "", currency: "usd", requiredBy: "soon", lines: [line, line] };
    const place = (lines = order.lines) =>
      decide(null, { type: "PlaceOrder", orderId, order: { ...order, lines } }, new Date(start));
    expect(place).toThrow(expect.objectContaining({ code: "INVALID_ORDER" }));
    try {
      place();
    } catch (error) {
      expect((error as OrderError).faults.map(({ path }) => path)).toEqual([
        "number",
        "currency",
        "requiredBy",
        "lines[0].productCode",
        "lines[0].productName",
        "lines[0].quantity",
        "lines[0].unitPriceMinor",
        "lines[1].lineNumber",
        "lines[1].productCode",
        "lines[1].productName",
        "lines[1].quantity",
        "lines[1].unitPriceMinor",
      ]);
    }
    expect(() => place([])).toThrow("lines are missing");
  });

  it("refuses an order whose total cannot be counted exactly", () => {
    const line = { ...sample.lines[0]!, quantity: 2, unitPriceMinor: 2 ** 52 };
    const order = { ...sample, lines: [line] };
    expect(() => decide(null, { type: "PlaceOrder", orderId, order }, new Date(start))).toThrow(
      "lines add up to more than can be counted exactly",
    );
  });
});
