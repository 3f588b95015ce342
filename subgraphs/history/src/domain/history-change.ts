/** What an event changes in the document of one customer: one part of it, which belongs to one aggregate. */
export interface HistoryChange {
  /** UUID. */
  readonly customerId: string;
  /** UUID of the segment: of an order, or of a payment on account. Null for the head. */
  readonly entryId: string | null;
  /** `customer` of the head; `order`, `lines`, `reservation` or `payment:<id>` of a segment. */
  readonly part: string;
  /** The aggregate's version, from 1. A part is replaced by one of a newer version and by nothing else. */
  readonly version: number;
  /** The part as it is read. */
  readonly value: Readonly<Record<string, unknown>>;
  /** When it happened: RFC 3339. */
  readonly changedAt: string;
  /** Where the segment stands in the history: RFC 3339; null for a part that does not say. */
  readonly listedAt: string | null;
  /** What the part is one of, where the head counts such. */
  readonly counts: "orders" | "payments" | null;
  /** What the part holds of the customer's credit. */
  readonly held: { readonly currency: string; readonly amountMinor: number } | null;
}

/** A part as it is stored. */
export interface StoredPart {
  readonly version: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The head of a customer's document. */
export interface HistoryHead {
  readonly customerId: string;
  /** Null before the customer's first event. */
  readonly customer: StoredPart | null;
  /** ISO 4217 code -> minor units; without those of which nothing is held. */
  readonly held: Readonly<Record<string, number>>;
  readonly entryCount: number;
  readonly orderCount: number;
  readonly paymentCount: number;
  readonly changedAt: Date;
}

/** A segment of a customer's document. */
export interface HistoryEntry {
  readonly id: string;
  readonly customerId: string;
  /** Null before the part that says so. */
  readonly listedAt: Date | null;
  readonly parts: Readonly<Record<string, StoredPart>>;
}
