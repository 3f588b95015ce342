import { listDeadLetters, requestRedrive, transactOn } from "@tributary/messaging";
import {
  createIdempotencyStore,
  failures,
  idempotently,
  pageRequest,
  type InputFault,
} from "@tributary/subgraph-kit";
import { forbidden } from "@tributary/subgraph-kit/errors";
import type { Identity } from "@tributary/subgraph-kit/identity";
import type { Pool } from "pg";

/** A message that could not be handled, as the API shows it. */
export interface DeadLetterView {
  readonly id: string;
  /** Null where it is no message. */
  readonly type: string | null;
  /** The first line of what failed. */
  readonly error: string;
  readonly attempts: number;
  readonly failedAt: Date;
  readonly redriveRequestedAt: Date | null;
}

export interface DeadLetterArguments {
  readonly first: number;
  readonly messageIds?: readonly string[] | null | undefined;
}

export interface RedriveInput {
  readonly messageIds: readonly string[];
  readonly idempotencyKey: string;
}

/** Which messages are handled again, or why none are. */
export type RedriveAnswer =
  | { readonly __typename: "MessagesRedriven"; readonly messageIds: string[] }
  | ReturnType<(typeof failures)["invalidInput" | "idempotencyKeyReused"]>;

/** What a context's API offers on the messages that it could not handle. */
export interface DeadLetterDesk {
  /**
   * Lists them, the oldest first.
   *
   * @param args.messageIds only those; ids that are none are those of no message
   * @throws FORBIDDEN, PAGE_SIZE_OUT_OF_RANGE
   */
  list(args: DeadLetterArguments, caller: Identity): Promise<DeadLetterView[]>;
  /**
   * Asks for some to be handled again, under their own ids. Those that are no dead letters (any more) are left out.
   *
   * @throws FORBIDDEN
   */
  redrive(input: RedriveInput, caller: Identity): Promise<RedriveAnswer>;
}

const SCOPE = "message:redrive";
const MOST_AT_ONCE = 100;
const LONGEST_KEY = 255;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OLDEST_FIRST = {
  name: "FAILED_AT",
  column: "failed_at",
  type: "timestamptz",
  direction: "ASC",
} as const;

/**
 * Creates the desk of one context.
 *
 * @param pool of the context's own database
 * @param operation the mutation's name: idempotency keys of different ones do not meet
 */
export function createDeadLetterDesk(pool: Pool, operation: string): DeadLetterDesk {
  const transact = transactOn(pool, (transaction) => transaction);
  return {
    async list(args, caller) {
      subjectOf(caller);
      const { first } = pageRequest({ first: args.first }, OLDEST_FIRST);
      const messageIds = args.messageIds?.filter((id) => UUID.test(id));
      const letters = await listDeadLetters(pool, messageIds ? { messageIds } : {}, first);
      return letters.map(({ messageId, envelope, error, attempts, failedAt, redriveRequestedAt }) => {
        const { type } = (envelope ?? {}) as { readonly type?: unknown };
        return {
          id: messageId,
          type: typeof type === "string" ? type : null,
          error: error.split("\n")[0] ?? "",
          attempts,
          failedAt,
          redriveRequestedAt,
        };
      });
    },
    async redrive({ messageIds, idempotencyKey: key }, caller) {
      const change = { operation, caller: subjectOf(caller), key, input: { messageIds } };
      const faults = faultsOf(messageIds, key);
      if (faults.length > 0) return failures.invalidInput(faults);
      return transact((transaction) =>
        idempotently<Exclude<RedriveAnswer, { __typename: "IdempotencyKeyReused" }>>(
          createIdempotencyStore({
            $queryRaw: (statement) => transaction.query(statement) as never,
            $executeRaw: (statement) => transaction.defer(statement),
          }),
          change,
          async () => ({
            __typename: "MessagesRedriven",
            messageIds: await requestRedrive(transaction, { messageIds }),
          }),
        ),
      );
    },
  };
}

function subjectOf({ scopes, subject }: Identity): string {
  if (!scopes.has(SCOPE) || subject === null) throw forbidden("You may not deal with messages.");
  return subject;
}

function faultsOf(messageIds: readonly string[], key: string): InputFault[] {
  const faults: InputFault[] = [];
  if (messageIds.length < 1 || messageIds.length > MOST_AT_ONCE)
    faults.push({ path: "messageIds", message: `must be 1 to ${MOST_AT_ONCE}` });
  for (const [index, id] of messageIds.slice(0, MOST_AT_ONCE).entries())
    if (!UUID.test(id)) faults.push({ path: `messageIds[${index}]`, message: "must be a UUID" });
  if (key.length < 1 || key.length > LONGEST_KEY)
    faults.push({ path: "idempotencyKey", message: `must be 1 to ${LONGEST_KEY} characters` });
  else if (key.includes("\0") || !key.isWellFormed())
    faults.push({
      path: "idempotencyKey",
      message: "must not contain NUL or half of a surrogate pair",
    });
  return faults;
}
