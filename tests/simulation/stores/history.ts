import type { HistoryChange, HistoryHead, HistoryTransaction } from "@tributary/history/protocol";
import type { ConsumerStore } from "@tributary/messaging/protocol";
import type { StoredEntry } from "../tables.ts";
import { short } from "../world/broker.ts";
import type { Database, Transaction } from "../world/database.ts";
import type { SimulatedProcess } from "../world/process.ts";
import { createConsumerStore, json } from "./messages.ts";

/** The documents of a view, wherever they lie. */
export interface Documents {
  head(customerId: string): HistoryHead | null;
  entry(id: string): StoredEntry | null;
  putHead(head: HistoryHead): void;
  putEntry(entry: StoredEntry): void;
}

/** A part is replaced by one of a newer version, and by nothing else. */
const isNewerVersion = (version: number, found: number): boolean => version > found;

/**
 * Creates the store of the history context's consumer, and what its handlers get in a transaction. Changes are applied at its end
 * in one statement, as the store in PostgreSQL does.
 */
export function createSimulatedHistory(
  database: Database,
  process: SimulatedProcess,
  isNewer = isNewerVersion,
): {
  readonly store: ConsumerStore<Transaction>;
  readonly view: (transaction: Transaction) => Pick<HistoryTransaction, "apply">;
} {
  const store = createConsumerStore(database, process);
  const changes = new WeakMap<Transaction, HistoryChange[]>();
  return {
    store: {
      ...store,
      transaction: (effect) =>
        store.transaction(async (transaction) => {
          const result = await effect(transaction);
          const all = changes.get(transaction);
          if (all) await applyChanges(transaction, all, isNewer);
          return result;
        }),
    },
    view: (transaction) => ({
      apply(_messageId, more) {
        changes.set(transaction, [...(changes.get(transaction) ?? []), ...json(more)]);
      },
    }),
  };
}

/** Applies changes as `apply_history_changes` does: heads are locked in the order of customers. */
function applyChanges(
  transaction: Transaction,
  changes: readonly HistoryChange[],
  isNewer: typeof isNewerVersion,
): Promise<void> {
  const what = changes.map(({ part, version, entryId }) => `${part} ${version} of ${short(entryId ?? "")}`);
  return transaction.statement(`apply ${what.join(", ")}`, async () => {
    for (const id of [...new Set(changes.map(({ customerId }) => customerId))].sort())
      await transaction.insert("customer_heads", id, emptyHead(id));
    for (const { entryId } of changes) if (entryId !== null) await transaction.lock("entries", entryId);
    const documents: Documents = {
      head: (id) => transaction.get("customer_heads", id),
      entry: (id) => transaction.get("entries", id),
      putHead: (head) => transaction.put("customer_heads", head.customerId, head),
      putEntry: (entry) => transaction.put("entries", entry.id, entry),
    };
    for (const change of changes) changeDocument(documents, change, isNewer);
  });
}

const emptyHead = (customerId: string): HistoryHead => ({
  ...{ customerId, customer: null, held: {}, entryCount: 0, orderCount: 0, paymentCount: 0 },
  changedAt: new Date(0),
});

/** Changes a document, unless it has the part in this version or a newer one. */
export function changeDocument(documents: Documents, change: HistoryChange, isNewer = isNewerVersion): void {
  const { customerId, entryId, part, version, value, counts } = change;
  const before = documents.head(customerId) ?? emptyHead(customerId);
  const changedAt = new Date(Math.max(before.changedAt.getTime(), Date.parse(change.changedAt)));
  if (entryId === null) {
    if (isNewer(version, before.customer?.version ?? 0))
      documents.putHead({ ...before, customer: { version, value }, changedAt });
    return;
  }
  const entry = documents.entry(entryId) ?? { id: entryId, customerId, listedAt: null, parts: {} };
  const found = entry.parts[part];
  if (found && !isNewer(version, found.version)) return;
  const listedAt = change.listedAt === null ? null : new Date(change.listedAt);
  documents.putEntry({
    id: entryId,
    customerId: entry.listedAt === null ? customerId : entry.customerId,
    listedAt: entry.listedAt ?? listedAt,
    parts: { ...entry.parts, [part]: { version, value, held: change.held } },
  });
  const one = (is: boolean): number => (is ? 1 : 0);
  documents.putHead({
    ...before,
    held: heldAfter(heldAfter(before.held, found?.held ?? null, -1), change.held, 1),
    entryCount: before.entryCount + one(entry.listedAt === null && listedAt !== null),
    orderCount: before.orderCount + one(!found && counts === "orders"),
    paymentCount: before.paymentCount + one(!found && counts === "payments"),
    changedAt,
  });
}

/** A currency of which nothing is held has no place. */
function heldAfter(
  held: HistoryHead["held"],
  part: HistoryChange["held"],
  sign: 1 | -1,
): HistoryHead["held"] {
  if (part === null) return held;
  const { [part.currency]: amount = 0, ...others } = held;
  const sum = amount + sign * part.amountMinor;
  return sum === 0 ? others : { ...others, [part.currency]: sum };
}
