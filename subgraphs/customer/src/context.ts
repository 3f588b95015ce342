import { createDeadLetterDesk, type DeadLetterDesk } from "@tributary/channels";
import type { LoadingOptions, SubgraphContext } from "@tributary/subgraph-kit";
import { createCustomerReader, type CustomerReader } from "./data/customer-reader.ts";
import { createCustomerWriter, type CustomerWriter } from "./data/customer-writer.ts";
import type { Database } from "./data/database.ts";
import { createReservationReader, type ReservationReader } from "./data/reservation-reader.ts";
import { sightOf } from "./domain/visibility.ts";

/** What the resolvers of one request get. */
export type Context = SubgraphContext & {
  customers: CustomerReader;
  reservations: ReservationReader;
  changes: CustomerWriter;
  deadLetters: DeadLetterDesk;
};

export interface ContextOptions extends LoadingOptions {
  /** Called after commits that wrote messages. */
  readonly notify: () => void;
}

/** Makes the contexts of requests: what they load is theirs alone, as is what they may see. */
export function createContextFactory(
  { prisma, pool }: Database,
  options: ContextOptions,
): (base: SubgraphContext) => Context {
  const deadLetters = createDeadLetterDesk(pool, "redriveCustomerMessages");
  return (base) => {
    const sight = sightOf(base.identity);
    return {
      ...base,
      deadLetters,
      customers: createCustomerReader(prisma, sight, options),
      reservations: createReservationReader(prisma, options),
      changes: createCustomerWriter(prisma, {
        sight,
        traceparent: base.traceparent,
        notify: options.notify,
      }),
    };
  };
}
