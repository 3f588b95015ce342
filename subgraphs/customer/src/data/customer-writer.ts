import { createEnvelope, sqlOfPrisma, writeMessages } from "@tributary/messaging";
import { createIdempotencyStore, failures, idempotently, sql } from "@tributary/subgraph-kit";
import type { CustomerRecord, Decision } from "../domain/customer.ts";
import type { Change, Registration } from "../domain/customer-input.ts";
import { customerMessageData, type CustomerEventType } from "../domain/customer-messages.ts";
import { isVisible, parseId, type Sight } from "../domain/visibility.ts";
import type { Prisma, PrismaClient } from "../generated/prisma/client.ts";
import { columnsOfAddress, recordOf } from "./customer-rows.ts";
import { reviveCustomer, storeCustomer, type StoredCustomer } from "./stored-customer.ts";

/** A change, and under which key it is made once. */
export interface OnceOptions {
  /** The mutation's name. */
  operation: keyof typeof EVENTS;
  /** Who sent it: their subject. */
  caller: string;
  key: string;
}

/** What each mutation tells the other contexts. */
const EVENTS = {
  registerCustomer: "CustomerRegistered",
  changeCreditLimit: "CreditLimitChanged",
  suspendCustomer: "CustomerSuspended",
  reinstateCustomer: "CustomerReinstated",
} as const satisfies Record<string, CustomerEventType>;

type Changed = { __typename: "CustomerChanged"; customer: CustomerRecord };
type StoredChanged = { __typename: "CustomerChanged"; customer: StoredCustomer };
type Reused = ReturnType<typeof failures.idempotencyKeyReused>;
type NotFound = ReturnType<typeof failures.notFound>;
type StaleVersion = ReturnType<typeof failures.staleVersion>;
/** An answer that is no customer; JSON carries it as it is. */
type Failure = { __typename: Exclude<string, "CustomerChanged"> };

/** Changes customers: each change once per idempotency key, and only from the version that the client saw. */
export interface CustomerWriter {
  register(registration: Registration, once: OnceOptions): Promise<Changed | Reused>;
  /**
   * @param input which customer, and the rest of what the client sent, as it was checked
   * @param decide what the change does to the customer, or the answer that refuses it
   */
  change<Refused extends Failure>(
    input: Change,
    once: OnceOptions,
    decide: (customer: CustomerRecord) => Decision<Refused>,
  ): Promise<Changed | NotFound | StaleVersion | Reused | Refused>;
}

export interface CustomerWriterOptions {
  readonly sight: Sight;
  /** W3C trace context of the request. */
  readonly traceparent: string;
  /** Called after each commit. */
  readonly notify: () => void;
}

export function createCustomerWriter(
  prisma: PrismaClient,
  { sight, traceparent, notify }: CustomerWriterOptions,
): CustomerWriter {
  const makeOnce = async <Answer extends object>(
    once: OnceOptions,
    input: unknown,
    effect: (transaction: Prisma.TransactionClient) => Promise<Answer>,
  ) => {
    const answer = await prisma.$transaction(
      (transaction) =>
        idempotently(createIdempotencyStore(transaction), { ...once, input }, async () => {
          const made = await effect(transaction);
          if (isStoredChange(made)) {
            const { customer } = made;
            const envelope = createEnvelope({
              type: EVENTS[once.operation],
              aggregateType: "customer",
              aggregateId: customer.id,
              aggregateVersion: customer.version,
              correlationId: customer.id,
              traceparent,
              data: customerMessageData(reviveCustomer(customer)),
            });
            await writeMessages(sqlOfPrisma(transaction), [{ channel: "customer.events", envelope }]);
          }
          return made;
        }),
      { isolationLevel: "ReadCommitted", maxWait: 5_000, timeout: 15_000 },
    );
    notify();
    return answer;
  };

  return {
    async register(registration, once) {
      const answer = await makeOnce(once, registration, (transaction) => insert(transaction, registration));
      return "customer" in answer ? revive(answer) : answer;
    },
    async change(input, once, decide) {
      const id = parseId(input.customerId);
      // Such text may be none that a database takes, so nothing of it is kept.
      if (id === null) return failures.notFound(input.customerId);
      const answer = await makeOnce(once, input, async (transaction) =>
        isVisible(sight, id)
          ? update(transaction, { ...input, customerId: id }, decide)
          : failures.notFound(input.customerId),
      );
      return "customer" in answer ? revive(answer) : answer;
    },
  };
}

async function insert(
  transaction: Prisma.TransactionClient,
  { address, creditLimit, ...rest }: Registration,
): Promise<StoredChanged> {
  const [next] = await transaction.$queryRaw<[{ number: string }]>(
    sql`SELECT 'C-' || nextval('customer_number_seq') AS number`,
  );
  const row = await transaction.customer.create({
    data: {
      ...rest,
      ...columnsOfAddress(address),
      number: next.number,
      creditLimitMinor: BigInt(creditLimit.amountMinor),
      currency: creditLimit.currency,
    },
  });
  return { __typename: "CustomerChanged", customer: storeCustomer(recordOf(row)) };
}

async function update<Refused extends Failure>(
  transaction: Prisma.TransactionClient,
  { customerId: id, expectedVersion }: Change,
  decide: (customer: CustomerRecord) => Decision<Refused>,
): Promise<StoredChanged | NotFound | StaleVersion | Refused> {
  const found = await transaction.customer.findUnique({ where: { id } });
  if (!found) return failures.notFound(id);
  if (found.version !== expectedVersion) return failures.staleVersion(expectedVersion, found.version);

  const decision = decide(recordOf(found));
  if ("refusal" in decision) return decision.refusal;

  const { creditLimit, ...change } = decision.change;
  const [row] = await transaction.customer.updateManyAndReturn({
    where: { id, version: expectedVersion },
    data: {
      ...change,
      ...(creditLimit && { creditLimitMinor: BigInt(creditLimit.amountMinor) }),
      version: { increment: 1 },
      updatedAt: new Date(),
    },
  });
  if (row) return { __typename: "CustomerChanged", customer: storeCustomer(recordOf(row)) };
  // Somebody else's change was committed between our reading and our writing.
  const now = await transaction.customer.findUniqueOrThrow({ where: { id } });
  return failures.staleVersion(expectedVersion, now.version);
}

function revive({ __typename, customer }: StoredChanged): Changed {
  return { __typename, customer: reviveCustomer(customer) };
}

function isStoredChange(answer: object): answer is StoredChanged {
  return "customer" in answer;
}
