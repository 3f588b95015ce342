import { createDeadLetterDesk, type DeadLetterDesk } from "@tributary/channels";
import { systemClock, transactOn } from "@tributary/messaging";
import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import type { Database } from "./data/database.ts";
import { createPaymentReader, type PaymentReader } from "./data/payment-reader.ts";
import { createPaymentStore } from "./data/postgres-payment-store.ts";
import { createRefunds, type Refunds } from "./data/refunds.ts";
import { visiblePayments } from "./domain/visibility.ts";

/** What the payment subgraph's resolvers get: one for each request. */
export type Context = SubgraphContext & {
  payments: PaymentReader;
  refunds: Refunds;
  deadLetters: DeadLetterDesk;
};

export interface ContextOptions extends LoadingOptions {
  /** Called after a refund was committed: its event is to be published, and the provider has to make it. */
  readonly afterRefund: () => void;
}

export function createContextFactory(
  database: Database,
  options: ContextOptions,
): (base: SubgraphContext) => Context {
  const transact = transactOn(database.pool, createPaymentStore);
  const deadLetters = createDeadLetterDesk(database.pool, "redrivePaymentMessages");
  return (base) => {
    const visible = visiblePayments(base.identity);
    const { traceparent } = base;
    return {
      ...base,
      deadLetters,
      payments: createPaymentReader(database, visible, options),
      refunds: createRefunds(transact, {
        visible,
        traceparent,
        clock: systemClock,
        afterCommit: options.afterRefund,
      }),
    };
  };
}
