import type { CustomerResolvers } from "../generated/resolvers.ts";
import { needHistoryRead } from "./access.ts";
import { entriesAskedFor } from "./entries-asked-for.ts";

export const Customer: CustomerResolvers = {
  // Nothing is asked for before a field wants it: the id is all that is needed.
  __resolveReference: (reference) => reference,
  history(...[{ id }, , { identity, histories }, info]) {
    needHistoryRead(identity);
    return histories.historyOf(id, entriesAskedFor(info));
  },
};
