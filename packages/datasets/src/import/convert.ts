import type { CreditReservationRow, CustomerRow } from "@tributary/customer/load";
import type {
  LoadedOrder,
  LoadedOrderEvent,
  LoadedProduct,
  OrderEventData,
  OrderEventType,
} from "@tributary/order/load";
import type { LoadedPayment } from "@tributary/payment/load";
import { importedId } from "../ids.ts";
import { STATUSES } from "./file-specs.ts";
import type {
  StagedCustomer,
  StagedOrder,
  StagedPayment,
  StagedProduct,
  StagedReservation,
} from "./staged-rows.ts";

/** The currency of the files, which name none. */
const CURRENCY = "USD";

/** @param importedAt when the customer became one here: the files have no date of it */
export function toCustomer(row: StagedCustomer, importedAt: Date): CustomerRow {
  return {
    id: importedId("customers", row.number),
    number: row.number,
    name: row.name,
    status: "ACTIVE",
    suspensionReason: null,
    contactName: row.contact_name,
    phone: row.phone,
    email: null,
    addressLine1: row.address_line1,
    addressLine2: row.address_line2,
    city: row.city,
    region: row.region,
    postalCode: row.postal_code,
    country: row.country,
    creditLimitMinor: Number(row.credit_limit_minor),
    currency: CURRENCY,
    version: 1,
    createdAt: importedAt,
    updatedAt: importedAt,
  };
}

export function toReservation(row: StagedReservation): CreditReservationRow {
  return {
    orderId: importedId("orders", row.number),
    customerId: importedId("customers", row.customer),
    amountMinor: Number(row.total),
    currency: CURRENCY,
    status: "HELD",
    version: 1,
    createdAt: midnight(row.placed),
    updatedAt: midnight(row.placed),
  };
}

/** What happened to an order, as far as the files tell: steps of which they know nothing are not made up. */
export function toOrder(row: StagedOrder): LoadedOrder {
  const orderId = importedId("orders", row.number);
  const placedAt = midnight(row.placed);
  const shippedAt = row.shipped === null ? null : midnight(row.shipped);
  const events: LoadedOrderEvent[] = [];
  const add = <T extends OrderEventType>(type: T, occurredAt: Date, data: OrderEventData[T]): void => {
    const version = events.length + 1;
    const id = importedId("order_events", `${row.number}:${version}`);
    events.push({ id, orderId, version, type, data, occurredAt } as LoadedOrderEvent);
  };
  add("OrderCreated", placedAt, {
    customerId: importedId("customers", row.customer),
    number: row.number,
    currency: CURRENCY,
    paymentTerms: "ON_ACCOUNT",
    lines: row.lines.map((line) => ({
      lineNumber: line.number,
      productCode: line.product,
      productName: line.name,
      quantity: line.quantity,
      unitPriceMinor: line.price,
    })),
    requiredBy: row.required === null ? null : midnight(row.required).toISOString(),
    comments: row.comments,
    sourceStatus: row.status,
    sourceShippedAt: shippedAt?.toISOString() ?? null,
  });
  switch (STATUSES[row.status]) {
    case "CONFIRMED":
      add("OrderCreditReserved", placedAt, {});
      add("OrderConfirmed", placedAt, {});
      break;
    case "FULFILLED":
      add("OrderConfirmed", placedAt, {});
      add("OrderFulfilled", shippedAt ?? placedAt, {});
      break;
    case "CANCELLED":
      // When it was called off is not known: not before the last thing that is.
      add("OrderCancellationRequested", shippedAt ?? placedAt, { reason: null });
      add("OrderCancelled", shippedAt ?? placedAt, {});
      break;
  }
  return events;
}

export function toProduct(row: StagedProduct): LoadedProduct {
  return {
    id: importedId("products", row.code),
    code: row.code,
    name: row.name,
    prices: row.price_minor === null ? {} : { [CURRENCY]: Number(row.price_minor) },
  };
}

export function toPayment(row: StagedPayment): LoadedPayment {
  const amountMinor = Number(row.amount_minor);
  const paidAt = midnight(row.paid);
  const entry = { amountMinor, reason: null, occurredAt: paidAt };
  return {
    id: importedId("payments", `${row.customer}:${row.reference}`),
    customerId: importedId("customers", row.customer),
    orderId: null,
    reference: row.reference,
    status: "CAPTURED",
    method: "CHEQUE",
    amountMinor,
    capturedMinor: amountMinor,
    refundedMinor: 0,
    currency: CURRENCY,
    declineReason: null,
    requestedAt: paidAt,
    capturedAt: paidAt,
    // Asked for, authorised, captured.
    version: 3,
    updatedAt: paidAt,
    ledger: [
      { type: "AUTHORISATION", ...entry },
      { type: "CAPTURE", ...entry },
    ],
  };
}

function midnight(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
