import sql, { type Sql } from "sql-template-tag";
import { failures } from "../graphql/failures.ts";
import { fingerprint } from "./fingerprint.ts";

/** As much of a database transaction as is needed: Prisma's interactive transactions have it. */
export interface SqlTransaction {
  $queryRaw<Rows>(statement: Sql): Promise<Rows>;
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

/**
 * Makes a change once, however often it is sent: the first answer is stored under its key, in the transaction of its
 * effect, and given again to the same input. A second request that comes while the first is running waits for it, as
 * both write the same row.
 *
 * Needs the table `idempotency_records` of the context's Prisma schema.
 *
 * @param transaction at READ COMMITTED, so that the row of a transaction that has just ended is seen
 * @param effect makes the change in the transaction; its answer must be a JSON value
 * @returns the answer; IdempotencyKeyReused where the key came with another input before
 */
export async function idempotently<Answer extends object>(
  transaction: SqlTransaction,
  { operation, caller, key, input }: IdempotentChange,
  effect: () => Promise<Answer>,
): Promise<Answer | ReturnType<typeof failures.idempotencyKeyReused>> {
  const print = fingerprint(input);
  const claimed = await transaction.$queryRaw<unknown[]>(
    sql`INSERT INTO idempotency_records (operation, caller, key, fingerprint, answer) VALUES (${operation}, ${caller}, ${key}, ${print}, 'null') ON CONFLICT DO NOTHING RETURNING key`,
  );
  if (claimed.length === 0) {
    const [first] = await transaction.$queryRaw<{ fingerprint: string; answer: Answer }[]>(
      sql`SELECT fingerprint, answer FROM idempotency_records WHERE operation = ${operation} AND caller = ${caller} AND key = ${key}`,
    );
    return first?.fingerprint === print ? first.answer : failures.idempotencyKeyReused(key);
  }
  const answer = await effect();
  await transaction.$queryRaw(
    sql`UPDATE idempotency_records SET answer = ${JSON.stringify(answer)}::jsonb WHERE operation = ${operation} AND caller = ${caller} AND key = ${key}`,
  );
  return answer;
}
