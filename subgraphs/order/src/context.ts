import { createDeadLetterDesk, type DeadLetterDesk } from "@tributary/channels";
import { systemClock, transactOn } from "@tributary/messaging";
import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import type { Database } from "./data/database.ts";
import { createOrderReader, type OrderReader } from "./data/order-reader.ts";
import { createOrderWriter, type OrderWriter } from "./data/order-writer.ts";
import { createOrderStore } from "./data/postgres-order-store.ts";
import { createProductReader, type ProductReader } from "./data/product-reader.ts";
import { visibleOrders } from "./domain/visibility.ts";

/** What the order subgraph's resolvers get: one for each request. */
export type Context = SubgraphContext & {
  orders: OrderReader;
  products: ProductReader;
  changes: OrderWriter;
  deadLetters: DeadLetterDesk;
};

export interface ContextOptions extends LoadingOptions {
  /** How long the reply to a saga's first request is waited for, in milliseconds. */
  readonly patienceMs: number;
  /** Called after commits that wrote messages. */
  readonly notify: () => void;
}

export function createContextFactory(
  database: Database,
  options: ContextOptions,
): (base: SubgraphContext) => Context {
  const transact = transactOn(database.pool, createOrderStore);
  const deadLetters = createDeadLetterDesk(database.pool, "redriveOrderMessages");
  return (base) => {
    const visible = visibleOrders(base.identity);
    const { patienceMs, notify } = options;
    return {
      ...base,
      deadLetters,
      orders: createOrderReader(database, visible, options),
      products: createProductReader(database, options),
      changes: createOrderWriter(transact, {
        visible,
        patienceMs,
        notify,
        traceparent: base.traceparent,
        clock: systemClock,
      }),
    };
  };
}
