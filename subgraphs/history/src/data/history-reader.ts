import {
  createArgumentLoader,
  createLoader,
  pageRequest,
  toConnection,
  type Connection,
  type LoadingOptions,
  type Ordering,
  type PageRequest,
} from "@tributary/subgraph-kit";
import { historyUnavailable, isCodedError } from "@tributary/subgraph-kit/errors";
import type { HistoryEntry, HistoryHead } from "../domain/history-change.ts";
import { shownEntry, type ShownEntry } from "../domain/shown-entry.ts";
import { isVisible, parseId, type Sight } from "../domain/visibility.ts";
import { NoLiveGenerationError, type HistoryRead, type HistoryStore } from "./history-store.ts";

/** The arguments of the field that lists a history's entries. */
export interface EntryArguments {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** A head, as the resolvers of its type read it. */
export interface CustomerHistorySource {
  readonly head: HistoryHead;
}

/** A page of entries, as the resolvers of its type read it. */
export type HistoryEntryConnectionSource = Connection<ShownEntry>;

/**
 * Reads histories for one request, as far as the caller may see them; what they may not see is as if it were not there.
 * What is asked for in the same tick is read together.
 */
export interface HistoryReader {
  /**
   * Reads a customer's head, and in the same round trip the page of entries that will be asked for.
   *
   * @param entries null where none will
   * @throws HISTORY_UNAVAILABLE
   */
  historyOf(customerId: string, entries: EntryArguments | null): Promise<CustomerHistorySource | null>;
  /** @throws PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR, HISTORY_UNAVAILABLE */
  entriesOf(head: HistoryHead, args: EntryArguments): Promise<HistoryEntryConnectionSource>;
  /** Reads an entry by the id of its order or payment. @throws HISTORY_UNAVAILABLE */
  entry(id: string): Promise<ShownEntry | null>;
}

const NEWEST_FIRST: Ordering = {
  name: "LISTED_AT",
  column: "listed_at",
  type: "timestamptz",
  direction: "DESC",
};

type PageKey = {
  readonly first: number;
  readonly after: { readonly at: string; readonly id: string } | null;
};

export function createHistoryReader(
  store: HistoryStore,
  sight: Sight,
  loading: LoadingOptions,
): HistoryReader {
  const pages = createArgumentLoader<PageKey, HistoryRead>(loading, (ids, { first, after }) =>
    available(store.read(ids, { first, after: after && { listedAt: new Date(after.at), id: after.id } })),
  );
  const entries = createLoader<HistoryEntry>(loading, (ids) => available(store.entries(ids)));

  return {
    async historyOf(customerId, args) {
      const id = parseId(customerId);
      if (id === null || !isVisible(sight, id)) return null;
      const read = await pages.load(id, keyToRead(args));
      return read === null ? null : { head: read.head };
    },
    async entriesOf(head, args) {
      const page = pageRequest(args, NEWEST_FIRST);
      const read = await pages.load(head.customerId, keyOf(args));
      // What is listed has the part that says what it is.
      const listed = (read?.entries ?? []).flatMap((entry) => {
        const shown = shownEntry(entry);
        return shown === null ? [] : [{ entry, shown }];
      });
      const connection = toConnection(page, listed, {
        positionOf: ({ entry }) => ({ value: entry.listedAt?.toISOString() ?? "", id: entry.id }),
        totalCount: async () => head.entryCount,
      });
      return {
        ...connection,
        edges: connection.edges.map(({ cursor, node }) => ({ cursor, node: node.shown })),
        nodes: connection.nodes.map(({ shown }) => shown),
      };
    },
    async entry(text) {
      const id = parseId(text);
      const entry = id === null ? null : await entries.load(id);
      return entry === null || !isVisible(sight, entry.customerId) ? null : shownEntry(entry);
    },
  };
}

/** What is read for a page: one more than it holds says whether another one follows. */
function keyOf(args: EntryArguments): PageKey {
  const { first, after }: PageRequest = pageRequest(args, NEWEST_FIRST);
  return { first: first + 1, after: after && { at: after.value, id: after.id } };
}

/** Arguments that are refused are refused by the field that has them: the head is read all the same. */
function keyToRead(args: EntryArguments | null): PageKey {
  try {
    if (args !== null) return keyOf(args);
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
  return { first: 0, after: null };
}

/** @throws HISTORY_UNAVAILABLE */
async function available<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NoLiveGenerationError) throw historyUnavailable();
    throw error;
  }
}
