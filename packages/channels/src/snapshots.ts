import {
  createEnvelope,
  PermanentError,
  writeMessages,
  type Envelope,
  type MessageHandlers,
  type SqlTransaction,
} from "@tributary/messaging";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";

/** An aggregate as it stands, in the form of an event: what the last one would say. */
export interface SnapshotItem {
  readonly aggregateType: string;
  /** A UUID. */
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  /** RFC 3339: when it last changed. */
  readonly occurredAt: string;
  readonly data: object;
}

/** Reads the aggregates after an id, in the order of ids; from the first one where it is null. */
export type SnapshotSource = (
  transaction: SqlTransaction,
  after: string | null,
  limit: number,
) => Promise<readonly SnapshotItem[]>;

/** Asks a context for a page of what it has. */
export const SnapshotRequest = z.object({
  /** Made up by the one who asks, and repeated in the page. */
  snapshotId: z.uuid(),
  source: z.string(),
  after: z.uuid().nullable(),
});
export type SnapshotRequest = z.output<typeof SnapshotRequest>;

/** What a context has after an id. */
export const SnapshotPage = SnapshotRequest.extend({
  /** After which id the next page begins; null where this is the last one. */
  next: z.uuid().nullable(),
  items: z.array(
    z.object({
      aggregateType: z.string(),
      aggregateId: z.uuid(),
      aggregateVersion: z.int().min(0),
      occurredAt: z.iso.datetime(),
      data: z.looseObject({}),
    }),
  ),
});
export type SnapshotPage = z.output<typeof SnapshotPage>;

const MOST_ITEMS = 200;
/** How many bytes the items of a page may take as JSON, so that the whole message stays below the broker's limit. */
const MOST_BYTES = 200 * 1024;

/**
 * Makes the handler that answers `RequestSnapshot` with a page, on the channel `history.replies`: as many items as fit,
 * one at least.
 *
 * @param sources by the names that are asked for
 */
export function snapshotHandlers(
  sources: Readonly<Record<string, SnapshotSource>>,
): MessageHandlers<SqlTransaction> {
  return {
    async RequestSnapshot(transaction, envelope) {
      const parsed = SnapshotRequest.safeParse(envelope.data);
      if (!parsed.success) throw new PermanentError(z.prettifyError(parsed.error));
      const request = parsed.data;
      const source = Object.hasOwn(sources, request.source) ? sources[request.source] : undefined;
      if (!source) throw new PermanentError(`there is no source ${request.source} here`);
      const found = await source(transaction, request.after, MOST_ITEMS + 1);
      const items = fitting(found);
      const next = items.length < found.length ? (items.at(-1)?.aggregateId ?? null) : null;
      const page = { ...request, next, items };
      await writeMessages(transaction, [
        { channel: "history.replies", envelope: pageEnvelope(page, envelope) },
      ]);
    },
  };
}

function fitting(found: readonly SnapshotItem[]): SnapshotItem[] {
  const items: SnapshotItem[] = [];
  let bytes = 0;
  for (const item of found.slice(0, MOST_ITEMS)) {
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (items.length > 0 && bytes > MOST_BYTES) break;
    items.push(item);
  }
  return items;
}

function pageEnvelope(page: object & SnapshotRequest, cause: Envelope): Envelope {
  return createEnvelope({
    type: "SnapshotPage",
    aggregateType: "snapshot",
    aggregateId: page.snapshotId,
    aggregateVersion: 0,
    cause,
    data: page,
  });
}

/**
 * Says that rows were loaded in bulk, which no event tells of: to be written in the transaction that loads them.
 *
 * @param channel the context's events
 * @param source what is to be read again, by the name of a {@link SnapshotSource}
 */
export async function announceLoad(
  transaction: SqlTransaction,
  channel: "customer.events" | "order.events" | "payment.events",
  source: string,
): Promise<void> {
  const envelope = createEnvelope({
    type: "RowsLoaded",
    aggregateType: "load",
    aggregateId: source,
    aggregateVersion: 0,
    correlationId: uuidv7(),
    data: { source },
  });
  await writeMessages(transaction, [{ channel, envelope }]);
}
