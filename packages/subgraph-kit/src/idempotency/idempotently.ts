import sql, { type Sql } from "sql-template-tag";
import { failures } from "../graphql/failures.ts";
import { fingerprint } from "./fingerprint.ts";

/** As much of a database transaction as is needed: Prisma's interactive transactions have it. */
export interface SqlTransaction {
  $queryRaw<Rows>(statement: Sql): Promise<Rows>;
  $executeRaw(statement: Sql): Promise<unknown>;
}

/** A change that a client may send more than once. */
export interface IdempotentChange {
  /** The mutation's name: keys of different mutations do not meet. */
  operation: string;
  /** Who sent it: keys of different callers do not meet. */
  caller: string;
  /** The client's key, 1 to 255 characters. */
  key: string;
  /** The input without the key; any JSON value. */
  input: unknown;
}

/** What is kept under one idempotency key. */
export interface IdempotencyRecord {
  /** SHA-256 of the input, in hex. */
  readonly fingerprint: string;
  readonly answer: unknown;
}

/** A key, with the mutation and the caller that it belongs to. */
export type IdempotencyKey = Pick<IdempotentChange, "operation" | "caller" | "key">;

/** Where the answers to changes are kept, in one transaction at READ COMMITTED. */
export interface IdempotencyStore {
  /** Takes a key. Waits for a transaction that is taking it. @returns false where it is taken */
  claimKey(key: IdempotencyKey, fingerprint: string): Promise<boolean>;
  readAnswer(key: IdempotencyKey): Promise<IdempotencyRecord | null>;
  keepAnswer(key: IdempotencyKey, answer: object): Promise<void>;
}

/** Creates the store of a transaction. Needs the table `idempotency_records` of the context's Prisma schema. */
export function createIdempotencyStore(transaction: SqlTransaction): IdempotencyStore {
  return {
    async claimKey({ operation, caller, key }, print) {
      const claimed = await transaction.$queryRaw<unknown[]>(
        sql`INSERT INTO idempotency_records (operation, caller, key, fingerprint, answer) VALUES (${operation}, ${caller}, ${key}, ${print}, 'null') ON CONFLICT DO NOTHING RETURNING key`,
      );
      return claimed.length === 1;
    },
    async readAnswer({ operation, caller, key }) {
      const [record] = await transaction.$queryRaw<IdempotencyRecord[]>(
        sql`SELECT fingerprint, answer FROM idempotency_records WHERE operation = ${operation} AND caller = ${caller} AND key = ${key}`,
      );
      return record ?? null;
    },
    async keepAnswer({ operation, caller, key }, answer) {
      await transaction.$executeRaw(
        sql`UPDATE idempotency_records SET answer = ${JSON.stringify(answer)}::jsonb WHERE operation = ${operation} AND caller = ${caller} AND key = ${key}`,
      );
    },
  };
}

/**
 * Makes a change once, however often it is sent: the first answer is stored under its key, in the transaction of its
 * effect, and given again to the same input. A second request that comes while the first is running waits for it, as
 * both write the same row.
 *
 * @param store of a transaction at READ COMMITTED, so that the row of a transaction that has just ended is seen
 * @param effect makes the change in the transaction; its answer must be a JSON value
 * @returns the answer; IdempotencyKeyReused where the key came with another input before
 */
export async function idempotently<Answer extends object>(
  store: IdempotencyStore,
  { input, ...key }: IdempotentChange,
  effect: () => Promise<Answer>,
): Promise<Answer | ReturnType<typeof failures.idempotencyKeyReused>> {
  const print = fingerprint(input);
  if (await store.claimKey(key, print)) {
    const answer = await effect();
    await store.keepAnswer(key, answer);
    return answer;
  }
  const first = await store.readAnswer(key);
  return first?.fingerprint === print ? (first.answer as Answer) : failures.idempotencyKeyReused(key.key);
}
