import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import type { Database } from "./data/database.ts";
import { createOrderReader, type OrderReader } from "./data/order-reader.ts";
import { visibleOrders } from "./domain/visibility.ts";

/** What the order subgraph's resolvers get: one for each request. */
export type Context = SubgraphContext & { orders: OrderReader };

export function createContextFactory(
  database: Database,
  options: LoadingOptions,
): (base: SubgraphContext) => Context {
  return (base) => ({
    ...base,
    orders: createOrderReader(database, visibleOrders(base.identity), options),
  });
}
