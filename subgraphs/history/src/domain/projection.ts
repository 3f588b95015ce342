import type { HistoryChange } from "./history-change.ts";

/** As much of an event, or of a snapshot's item, as the view looks at. */
export interface AggregateState {
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly occurredAt: string;
  readonly data: unknown;
}

/** An event that the view can make nothing of: a fault of whoever wrote it. */
export class ProjectionError extends Error {
  override readonly name = "ProjectionError";
}

/** The lines of an order that are kept; the rest are counted. */
const MOST_LINES = 500;

/**
 * Tells what an event changes, whatever was before it.
 *
 * @returns none where nothing of the view is touched
 * @throws {ProjectionError} where its data lacks something, or is of another kind
 */
export function changesOf(state: AggregateState): HistoryChange[] {
  switch (state.aggregateType) {
    case "customer":
      return customerChanges(reader(state));
    case "credit-reservation":
      return reservationChanges(reader(state));
    case "order":
      return orderChanges(reader(state));
    case "payment":
      return paymentChanges(reader(state));
    default:
      return [];
  }
}

type Reader = ReturnType<typeof reader>;

function customerChanges(read: Reader): HistoryChange[] {
  const value = {
    number: read.text("number"),
    name: read.text("name"),
    status: read.text("status"),
    creditLimitMinor: read.whole("creditLimitMinor"),
    currency: read.text("currency"),
  };
  return [{ ...read.change("customer", value), entryId: null }];
}

/** A refusal has no status: the order tells of it. */
function reservationChanges(read: Reader): HistoryChange[] {
  const status = read.optional("status");
  if (status === null) return [];
  const amountMinor = read.whole("amountMinor");
  const currency = read.text("currency");
  const held = status === "HELD" ? { currency, amountMinor } : null;
  const value = { status, amountMinor, currency };
  return [{ ...read.change("reservation", value), entryId: read.id("orderId"), held }];
}

function orderChanges(read: Reader): HistoryChange[] {
  const listedAt = read.text("placedAt");
  const value = {
    number: read.text("number"),
    status: read.text("status"),
    paymentTerms: read.text("paymentTerms"),
    totalMinor: read.whole("totalMinor"),
    currency: read.text("currency"),
    rejectionReason: read.optional("rejectionReason"),
    placedAt: listedAt,
    fulfilledAt: read.optional("fulfilledAt"),
  };
  const entryId = read.id("orderId");
  const order = { ...read.change("order", value), entryId, listedAt, counts: "orders" as const };
  const lines = read.list("lines");
  if (lines === null) return [order];
  const part = { lines: lines.slice(0, MOST_LINES), lineCount: read.whole("lineCount") };
  // Lines never change: they have the version of the event that brought them first.
  return [order, { ...read.change("lines", part), entryId, version: 1 }];
}

function paymentChanges(read: Reader): HistoryChange[] {
  const id = read.id("paymentId");
  const orderId = read.optional("orderId");
  const requestedAt = read.text("requestedAt");
  const value = {
    id,
    reference: read.optional("reference"),
    status: read.text("status"),
    method: read.text("method"),
    amountMinor: read.whole("amountMinor"),
    capturedMinor: read.whole("capturedMinor"),
    refundedMinor: read.whole("refundedMinor"),
    currency: read.text("currency"),
    declineReason: read.optional("reason"),
    requestedAt,
    capturedAt: read.optional("capturedAt"),
    refunds: read.list("refunds") ?? [],
    refundCount: read.whole("refundCount"),
  };
  const change = { ...read.change(`payment:${id}`, value), counts: "payments" as const };
  // That of an order stands with it, wherever that stands.
  return orderId === null
    ? [{ ...change, entryId: id, listedAt: requestedAt }]
    : [{ ...change, entryId: orderId, listedAt: null }];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the data of an event by name. */
function reader({ aggregateType, aggregateId, aggregateVersion: version, occurredAt, data }: AggregateState) {
  const fields = (typeof data === "object" && data !== null ? data : {}) as Readonly<Record<string, unknown>>;
  const need = <Value>(name: string, what: string, holds: (value: unknown) => value is Value): Value => {
    const value = fields[name];
    if (holds(value)) return value;
    throw new ProjectionError(
      `version ${version} of ${aggregateType} ${aggregateId}: ${name} must be ${what}, and is ${JSON.stringify(value)}`,
    );
  };
  if (version < 1) throw new ProjectionError(`${aggregateType} ${aggregateId} has no version`);
  const isText = (value: unknown): value is string => typeof value === "string";
  const isId = (value: unknown): value is string => isText(value) && UUID.test(value);
  const id = (name: string): string => need(name, "an id", isId);
  return {
    id,
    text: (name: string): string => need(name, "text", isText),
    optional: (name: string): string | null =>
      fields[name] == null ? null : need(name, "text or nothing", isText),
    whole: (name: string): number =>
      need(name, "a whole number", (value): value is number => Number.isSafeInteger(value)),
    list: (name: string): readonly unknown[] | null =>
      fields[name] == null ? null : need(name, "a list", (value): value is unknown[] => Array.isArray(value)),
    change: (part: string, value: Readonly<Record<string, unknown>>) => ({
      customerId: id("customerId"),
      part,
      version,
      value,
      changedAt: occurredAt,
      listedAt: null as string | null,
      counts: null,
      held: null,
    }),
  };
}
