import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import type { Database } from "./data/database.ts";
import { createPaymentReader, type PaymentReader } from "./data/payment-reader.ts";
import { createRefunds, type Refunds } from "./data/refunds.ts";
import { visiblePayments } from "./domain/visibility.ts";

/** What the payment subgraph's resolvers get: one for each request. */
export type Context = SubgraphContext & { payments: PaymentReader; refunds: Refunds };

export function createContextFactory(
  database: Database,
  options: LoadingOptions,
): (base: SubgraphContext) => Context {
  return (base) => {
    const visible = visiblePayments(base.identity);
    return {
      ...base,
      payments: createPaymentReader(database, visible, options),
      refunds: createRefunds(database, visible),
    };
  };
}
