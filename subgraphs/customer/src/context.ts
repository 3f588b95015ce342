import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import { createCustomerReader, type CustomerReader } from "./data/customer-reader.ts";
import { createCustomerWriter, type CustomerWriter } from "./data/customer-writer.ts";
import type { Database } from "./data/database.ts";
import { sightOf } from "./domain/visibility.ts";

/** What the resolvers of one request get. */
export type Context = SubgraphContext & {
  customers: CustomerReader;
  changes: CustomerWriter;
};

/** Makes the contexts of requests: what they load is theirs alone, as is what they may see. */
export function createContextFactory(
  { prisma }: Database,
  loading: LoadingOptions,
): (base: SubgraphContext) => Context {
  return (base) => {
    const sight = sightOf(base.identity);
    return {
      ...base,
      customers: createCustomerReader(prisma, sight, loading),
      changes: createCustomerWriter(prisma, sight),
    };
  };
}
