import { rawSql } from "@tributary/subgraph-kit";
import type { HistoryEntry, HistoryHead, StoredPart } from "../../domain/history-change.ts";

/** A row of `customer_heads`. */
export interface HeadRow {
  readonly customer_id: string;
  readonly customer: StoredPart["value"] | null;
  readonly version: number;
  readonly held: Readonly<Record<string, number>>;
  readonly entry_count: number;
  readonly order_count: number;
  readonly payment_count: number;
  /** Null where there is no such row. */
  readonly changed_at: Date | null;
}

/** A row of `entries`, by {@link ENTRY_COLUMNS}: the same from the driver and within JSON. */
export interface EntryRow {
  readonly id: string;
  readonly customer_id: string;
  /** Milliseconds since 1970; text where the driver gives it. */
  readonly listed_ms: number | string | null;
  readonly parts: Readonly<Record<string, StoredPart>>;
}

/** The columns of {@link EntryRow}. */
export const ENTRY_COLUMNS = rawSql(
  "entries.id, entries.customer_id, (extract(epoch FROM entries.listed_at) * 1000)::bigint AS listed_ms, entries.parts",
);

export function toHead(row: HeadRow): HistoryHead {
  return {
    customerId: row.customer_id,
    customer: row.customer === null ? null : { version: row.version, value: row.customer },
    held: row.held,
    entryCount: row.entry_count,
    orderCount: row.order_count,
    paymentCount: row.payment_count,
    changedAt: row.changed_at ?? new Date(0),
  };
}

export function toEntry({ id, customer_id: customerId, listed_ms: listed, parts }: EntryRow): HistoryEntry {
  const listedAt = listed === null ? null : new Date(Number(listed));
  const stored = Object.entries(parts).map(
    ([part, { version, value }]) => [part, { version, value }] as const,
  );
  return { id, customerId, listedAt, parts: Object.fromEntries(stored) };
}
