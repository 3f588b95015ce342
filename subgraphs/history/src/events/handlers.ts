import { SnapshotPage } from "@tributary/channels";
import { PermanentError, type Envelope, type MessageHandlers } from "@tributary/messaging";
import { z } from "zod";
import { SOURCES, type HistoryTransaction, type Source } from "../data/history-store.ts";
import type { HistoryChange } from "../domain/history-change.ts";
import { changesOf, ProjectionError, type AggregateState } from "../domain/projection.ts";

/** The events that change documents. */
const EVENT_TYPES = [
  ...["CustomerRegistered", "CreditLimitChanged", "CustomerSuspended", "CustomerReinstated"],
  ...["CreditReserved", "CreditReleased", "CreditSettled"],
  ...["OrderCreated", "OrderCreditReserved", "OrderPaymentAuthorised", "OrderConfirmed", "OrderFulfilled"],
  ...["OrderRejectionStarted", "OrderRejected", "OrderCancellationRequested", "OrderCancelled"],
  ...["PaymentRequested", "PaymentAuthorised", "PaymentDeclined", "PaymentCaptured", "PaymentVoided"],
  "PaymentRefunded",
];

const RowsLoaded = z.object({ source: z.enum(Object.keys(SOURCES) as [Source, ...Source[]]) });
const Page = SnapshotPage.extend(RowsLoaded.shape);

/** What the history context does with each type of event. */
export const eventHandlers: MessageHandlers<Pick<HistoryTransaction, "apply">> = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, applyEvent]),
);

/** What the history context does with each type of message. */
export const historyHandlers: MessageHandlers<HistoryTransaction> = {
  ...eventHandlers,
  /** A page that a context was asked for. */
  async SnapshotPage(transaction, envelope) {
    const page = parse(Page, envelope);
    transaction.turnPage(envelope.id, page, page.items.flatMap(project));
  },
  /** What was loaded in bulk has no events: it is read. */
  async RowsLoaded(transaction, envelope) {
    transaction.readAgain(envelope.id, parse(RowsLoaded, envelope).source);
  },
};

async function applyEvent(transaction: Pick<HistoryTransaction, "apply">, envelope: Envelope): Promise<void> {
  transaction.apply(envelope.id, project(envelope));
}

function project(state: AggregateState): HistoryChange[] {
  try {
    return changesOf(state);
  } catch (error) {
    if (error instanceof ProjectionError) throw new PermanentError(error.message);
    throw error;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, { data }: Envelope): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new PermanentError(z.prettifyError(parsed.error));
  return parsed.data;
}
