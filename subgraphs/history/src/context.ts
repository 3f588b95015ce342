import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import { createHistoryReader, type HistoryReader } from "./data/history-reader.ts";
import type { HistoryStore } from "./data/history-store.ts";
import { sightOf } from "./domain/visibility.ts";
import type { Watermark } from "./events/watermark.ts";

/** What the history subgraph's resolvers get: one for each request. */
export type Context = SubgraphContext & {
  histories: HistoryReader;
  /** A moment before which everything that was published is in the view; null where it is not known. */
  asOf: Date | null;
};

/** Makes the contexts of requests: what they load is theirs alone, as is what they may see. */
export function createContextFactory(
  store: HistoryStore,
  options: LoadingOptions & { readonly watermark: Pick<Watermark, "asOf"> },
): (base: SubgraphContext) => Context {
  return (base) => ({
    ...base,
    histories: createHistoryReader(store, sightOf(base.identity), options),
    // Of before the data is read: what comes meanwhile may be in it, and nothing that is promised is missing.
    asOf: options.watermark.asOf(),
  });
}
