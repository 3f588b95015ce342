import {
  changesOf,
  entryDifferences,
  headDifferences,
  type AggregateState,
  type HistoryHead,
} from "@tributary/history/protocol";
import { messageLines, orderMessageData } from "@tributary/order/protocol";
import { paymentMessage, withLedger } from "@tributary/payment/protocol";
import { changeDocument } from "./stores/history.ts";
import { json } from "./stores/messages.ts";
import type { StoredEntry } from "./tables.ts";
import type { World } from "./world/world.ts";

/** Q5: the view is what it would be if it were made anew, of what the contexts have. */
export function brokenView(world: World): string[] {
  const heads = new Map<string, HistoryHead>();
  const entries = new Map<string, StoredEntry>();
  const documents = {
    head: (id: string) => heads.get(id) ?? null,
    entry: (id: string) => entries.get(id) ?? null,
    putHead: (head: HistoryHead) => void heads.set(head.customerId, head),
    putEntry: (entry: StoredEntry) => void entries.set(entry.id, entry),
  };
  for (const state of statesOf(world))
    for (const change of changesOf(json(state))) changeDocument(documents, change);

  const { history } = world.databases;
  const live = {
    heads: new Map(history.committed("customer_heads").map((head) => [head.customerId, head])),
    entries: new Map(history.committed("entries").map((entry) => [entry.id, entry])),
  };
  return [
    ...differences("customer", [live.heads, heads], headDifferences),
    ...differences("entry", [live.entries, entries], entryDifferences),
  ];
}

/** From both sides: what is missing on either one is a difference. */
function differences<Document>(
  kind: string,
  [live, made]: readonly [ReadonlyMap<string, Document>, ReadonlyMap<string, Document>],
  compare: (live: Document | null, made: Document | null) => string[],
): string[] {
  return [...new Set([...live.keys(), ...made.keys()])].flatMap((id) =>
    compare(live.get(id) ?? null, made.get(id) ?? null).map((what) => `Q5 ${kind} ${id}: ${what}`),
  );
}

/** What the contexts have, as their last events told of it. */
function statesOf({ databases: { customer, order, payment } }: World): AggregateState[] {
  const occurredAt = new Date(0).toISOString();
  return [
    ...customer.committed("credit_reservations").map(({ version, ...data }) => ({
      ...{ aggregateType: "credit-reservation", aggregateId: data.orderId, aggregateVersion: version },
      ...{ occurredAt, data },
    })),
    ...order.committed("orders").map((row) => ({
      ...{ aggregateType: "order", aggregateId: row.id, aggregateVersion: row.version, occurredAt },
      data: { ...orderMessageData(row), ...messageLines(order.one("order_lines", row.id)?.lines ?? []) },
    })),
    ...payment.committed("payments").map((row) => ({
      ...{ aggregateType: "payment", aggregateId: row.id, aggregateVersion: row.version, occurredAt },
      data: paymentMessage(withLedger(row, payment.one("ledger_entries", row.id)?.entries ?? [])).data,
    })),
  ];
}
