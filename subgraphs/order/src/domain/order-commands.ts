import { MoneyError } from "./money.ts";
import type { OrderFault } from "./order-error.ts";
import { OrderError } from "./order-error.ts";
import type { OrderCreatedData, OrderEvent, OrderEventData, OrderEventType } from "./order-events.ts";
import type { OrderRow } from "./order-state.ts";
import { illegal, mayHappen } from "./order-state.ts";
import { orderTotal } from "./order-totals.ts";

/** What can be asked of an order, or reported to it by whoever conducts it. */
export type OrderCommand =
  | { readonly type: "PlaceOrder"; readonly orderId: string; readonly order: OrderCreatedData }
  | { readonly type: "RecordCreditReserved" }
  /** Why: INSUFFICIENT_CREDIT, UNKNOWN_CUSTOMER, CUSTOMER_SUSPENDED or CURRENCY_MISMATCH. */
  | { readonly type: "RecordCreditRefused"; readonly reason: string }
  | { readonly type: "RecordPaymentAuthorised"; readonly paymentId: string }
  | { readonly type: "RecordPaymentDeclined"; readonly reason: string }
  /** What was held for a refused order is released. */
  | { readonly type: "FinishRejection" }
  | { readonly type: "ConfirmOrder" }
  | { readonly type: "RequestCancellation"; readonly reason: string | null }
  /** What was held or paid for a cancelled order is given back. */
  | { readonly type: "FinishCancellation" }
  | { readonly type: "FulfilOrder" };

/**
 * What happens when a command meets an order: the events to append, in order.
 *
 * @param state the order so far; null where there is none
 * @param at when it happens
 * @throws {OrderError} ILLEGAL_TRANSITION where the order's state does not allow the command; INVALID_ORDER, with every
 *   fault listed, where a new order breaks rules
 */
export function decide(state: OrderRow | null, command: OrderCommand, at: Date): OrderEvent[] {
  if (command.type === "PlaceOrder") {
    if (state !== null) throw illegal(state, command.type);
    const faults = orderFaults(command.order);
    if (faults.length > 0) {
      const list = faults.map(({ path, message }) => `${path} ${message}`).join("; ");
      throw new OrderError("INVALID_ORDER", `the order breaks rules: ${list}`, { faults });
    }
    return [
      { orderId: command.orderId, version: 1, type: "OrderCreated", data: command.order, occurredAt: at },
    ];
  }
  if (state === null) throw illegal(state, command.type);
  const [type, data] = outcome(state, command);
  if (!mayHappen(state, type)) throw illegal(state, command.type);
  return [{ orderId: state.id, version: state.version + 1, type, data, occurredAt: at } as OrderEvent];
}

type Outcome = { [T in OrderEventType]: [T, OrderEventData[T]] }[OrderEventType];

function outcome(state: OrderRow, command: Exclude<OrderCommand, { type: "PlaceOrder" }>): Outcome {
  switch (command.type) {
    case "RecordCreditReserved":
      return ["OrderCreditReserved", {}];
    case "RecordCreditRefused":
      // Only a PENDING order is refused in one step: a REJECTING one is finished by FinishRejection, for its own reason.
      if (state.status !== "PENDING") throw illegal(state, command.type);
      return ["OrderRejected", { reason: command.reason }];
    case "RecordPaymentAuthorised":
      return ["OrderPaymentAuthorised", { paymentId: command.paymentId }];
    case "RecordPaymentDeclined":
      return ["OrderRejectionStarted", { reason: command.reason }];
    case "FinishRejection":
      if (state.status !== "REJECTING") throw illegal(state, command.type);
      return ["OrderRejected", { reason: state.rejectionReason ?? "" }];
    case "ConfirmOrder":
      return ["OrderConfirmed", {}];
    case "RequestCancellation":
      return ["OrderCancellationRequested", { reason: command.reason }];
    case "FinishCancellation":
      return ["OrderCancelled", {}];
    case "FulfilOrder":
      return ["OrderFulfilled", {}];
  }
}

/** Every rule that a new order breaks; none where it is sound. */
export function orderFaults(order: OrderCreatedData): OrderFault[] {
  const faults: OrderFault[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  if (order.number.trim() === "") fault("number", "is empty");
  if (!/^[A-Z]{3}$/.test(order.currency)) fault("currency", "is no ISO 4217 code");
  if (order.requiredBy !== null && Number.isNaN(Date.parse(order.requiredBy)))
    fault("requiredBy", "is no time");
  if (order.lines.length === 0) fault("lines", "are missing");
  const seen = new Set<number>();
  for (const [index, line] of order.lines.entries()) {
    const at = `lines[${index}]`;
    if (!positiveInt32(line.lineNumber)) fault(`${at}.lineNumber`, "is no whole number above zero");
    else if (seen.has(line.lineNumber)) fault(`${at}.lineNumber`, "is used twice");
    seen.add(line.lineNumber);
    if (line.productCode.trim() === "") fault(`${at}.productCode`, "is empty");
    if (line.productName.trim() === "") fault(`${at}.productName`, "is empty");
    if (!positiveInt32(line.quantity)) fault(`${at}.quantity`, "is no whole number above zero");
    if (!Number.isSafeInteger(line.unitPriceMinor) || line.unitPriceMinor < 0) {
      fault(`${at}.unitPriceMinor`, "is no amount of zero or more");
    }
  }
  if (faults.length === 0) {
    try {
      orderTotal(order.lines, order.currency);
    } catch (error) {
      if (!(error instanceof MoneyError)) throw error;
      fault("lines", "add up to more than can be counted exactly");
    }
  }
  return faults;
}

/** The columns are 32-bit integers. */
function positiveInt32(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 2 ** 31 - 1;
}
