import type { HistoryEntry, StoredPart } from "./history-change.ts";
import type { Money } from "./money.ts";
import type { LinesPart, OrderPart, PaymentPart, ReservationPart } from "./parts.ts";

/** An order in a history, as the API shows it. */
export interface ShownOrder {
  readonly orderId: string;
  readonly order: { readonly id: string };
  readonly number: string;
  readonly status: OrderPart["status"];
  readonly paymentTerms: OrderPart["paymentTerms"];
  readonly total: Money;
  readonly placedAt: Date;
  readonly fulfilledAt: Date | null;
  readonly rejectionReason: string | null;
  readonly version: number;
  readonly lines: ShownLine[] | null;
  readonly lineCount: number | null;
  readonly creditReservation: ShownReservation | null;
  readonly payments: ShownPayment[];
}

interface ShownLine {
  readonly lineNumber: number;
  readonly productCode: string;
  readonly productName: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly total: Money;
}

interface ShownReservation {
  readonly amount: Money;
  readonly status: ReservationPart["status"];
  readonly version: number;
}

/** A payment in a history, as the API shows it. */
export interface ShownPayment {
  readonly paymentId: string;
  readonly payment: { readonly id: string };
  readonly reference: string | null;
  readonly status: PaymentPart["status"];
  readonly method: PaymentPart["method"];
  readonly amount: Money;
  readonly captured: Money;
  readonly refunded: Money;
  readonly declineReason: string | null;
  readonly requestedAt: Date;
  readonly capturedAt: Date | null;
  readonly refunds: { sequence: number; amount: Money; reason: string | null; occurredAt: Date }[];
  readonly refundCount: number;
  readonly version: number;
}

/** A segment, as the API shows it: an order or a payment on account. */
export interface ShownEntry {
  readonly at: Date;
  readonly order: ShownOrder | null;
  readonly payment: ShownPayment | null;
}

/** Shows a segment. Null where the part that says what it is is not there yet. */
export function shownEntry(entry: HistoryEntry): ShownEntry | null {
  const stored = entry.parts["order"];
  if (stored) {
    const order = shownOrder(entry, stored);
    return { at: order.placedAt, order, payment: null };
  }
  const onAccount = entry.parts[`payment:${entry.id}`];
  if (!onAccount) return null;
  const payment = shownPayment(onAccount);
  return { at: payment.requestedAt, order: null, payment };
}

function shownOrder({ id, parts }: HistoryEntry, { version, value }: StoredPart): ShownOrder {
  const order = value as unknown as OrderPart;
  const lines = parts["lines"]?.value as unknown as LinesPart | undefined;
  const reservation = parts["reservation"];
  const credit = reservation?.value as unknown as ReservationPart | undefined;
  const { number, status, paymentTerms, currency, rejectionReason, fulfilledAt } = order;
  return {
    orderId: id,
    order: { id },
    ...{ number, status, paymentTerms, rejectionReason, version },
    total: { amountMinor: order.totalMinor, currency },
    placedAt: new Date(order.placedAt),
    fulfilledAt: moment(fulfilledAt),
    lines: lines ? lines.lines.map((line) => shownLine(line, currency)) : null,
    lineCount: lines?.lineCount ?? null,
    creditReservation:
      reservation && credit
        ? {
            amount: { amountMinor: credit.amountMinor, currency: credit.currency },
            status: credit.status,
            version: reservation.version,
          }
        : null,
    payments: Object.keys(parts)
      .filter((part) => part.startsWith("payment:"))
      .toSorted()
      .map((part) => shownPayment(parts[part]!)),
  };
}

function shownLine(line: LinesPart["lines"][number], currency: string): ShownLine {
  const { lineNumber, productCode, productName, quantity, unitPriceMinor } = line;
  return {
    ...{ lineNumber, productCode, productName, quantity },
    unitPrice: { amountMinor: unitPriceMinor, currency },
    total: { amountMinor: unitPriceMinor * quantity, currency },
  };
}

function shownPayment({ version, value }: StoredPart): ShownPayment {
  const payment = value as unknown as PaymentPart;
  const { id, reference, status, method, declineReason, currency, refundCount } = payment;
  const money = (amountMinor: number): Money => ({ amountMinor, currency });
  return {
    paymentId: id,
    payment: { id },
    ...{ reference, status, method, declineReason, refundCount, version },
    amount: money(payment.amountMinor),
    captured: money(payment.capturedMinor),
    refunded: money(payment.refundedMinor),
    requestedAt: new Date(payment.requestedAt),
    capturedAt: moment(payment.capturedAt),
    refunds: payment.refunds.map(({ sequence, amountMinor, reason, occurredAt }) => ({
      ...{ sequence, amount: money(amountMinor), reason, occurredAt: new Date(occurredAt) },
    })),
  };
}

function moment(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
