import type pg from "pg";
import type { Sql } from "sql-template-tag";
import { StatementGroup } from "./statement-group.ts";
import { statementName } from "./statement-name.ts";
import { asStoreError } from "./unavailable.ts";

/** A transaction of a context's database, as handlers of messages get it. */
export interface SqlTransaction {
  /**
   * Runs a statement, prepared once for each connection.
   *
   * @returns its rows; bigint and numeric as text, timestamptz as Date, as node-postgres gives them
   * @throws StoreUnavailableError where the database is away; else node-postgres' DatabaseError
   */
  query<Row extends object>(statement: Sql): Promise<Row[]>;
  /**
   * Runs two statements, one after the other, in one round trip: the second one sees what the first one has waited for.
   *
   * @returns the rows of each, as {@link SqlTransaction.query} does
   */
  queryBoth<First extends object, Second extends object>(
    first: Sql,
    second: Sql,
  ): Promise<[First[], Second[]]>;
  /**
   * Runs a statement whose rows nobody needs, after those before it and before those behind it. It may go out with the
   * next one, or with the commit, which fails then where it fails.
   */
  defer(statement: Sql): Promise<void>;
}

/** Runs an effect in a transaction: commits where it returns, rolls back where it throws. */
export type Transact<Store> = <T>(effect: (store: Store) => Promise<T>) => Promise<T>;

/**
 * Gives the transactions of a database to what knows only a store.
 *
 * @param createStore makes the store of one transaction
 */
export function transactOn<Store>(
  pool: pg.Pool,
  createStore: (transaction: SqlTransaction) => Store,
): Transact<Store> {
  return (effect) => inTransaction(pool, (transaction) => effect(createStore(transaction)));
}

/** As much of Prisma's interactive transaction as is needed. */
interface PrismaTransaction {
  $queryRaw<Rows>(statement: Sql): Promise<Rows>;
}

/** Makes a transaction of a node-postgres client that has begun one; of a pool, in which each statement is one. */
export function sqlOfPg(client: Pick<pg.ClientBase | pg.Pool, "query">): SqlTransaction {
  const query = async <Row extends object>({ text, values }: Sql): Promise<Row[]> => {
    try {
      const name = statementName(text);
      return (await client.query<Row>({ ...(name && { name }), text, values: [...values] })).rows;
    } catch (error) {
      throw asStoreError(error);
    }
  };
  return withOneByOne({ query, defer: async (statement) => void (await query(statement)) });
}

/** Makes a transaction of Prisma's, for messages that are written beside what Prisma writes. */
export function sqlOfPrisma(transaction: PrismaTransaction): SqlTransaction {
  return withOneByOne({
    query: (statement) => transaction.$queryRaw(statement),
    defer: (statement) => transaction.$queryRaw(statement),
  });
}

/** Completes a transaction that sends each statement by itself. */
function withOneByOne(transaction: Omit<SqlTransaction, "queryBoth">): SqlTransaction {
  return {
    ...transaction,
    async queryBoth<First extends object, Second extends object>(first: Sql, second: Sql) {
      const rows = await transaction.query<First>(first);
      return [rows, await transaction.query<Second>(second)];
    },
  };
}

/** Statements without parameters. */
const BEGIN = { text: "BEGIN", values: [] };
const COMMIT = { text: "COMMIT", values: [] };

function rethrow(error: unknown): never {
  throw asStoreError(error);
}

/** A transaction of a node-postgres client: it begins with its first statement. */
function beginOn(
  client: pg.PoolClient,
): SqlTransaction & { commit(): Promise<void>; rollBack(): Promise<void> } {
  let begun = false;
  let waiting: Pick<Sql, "text" | "values">[] = [];

  /** Sends what waits, with more, in one go. @returns the results of what was given, and not of what waited */
  async function send(...last: readonly Pick<Sql, "text" | "values">[]) {
    const group = new StatementGroup([...(begun ? [] : [BEGIN]), ...waiting, ...last]);
    begun = true;
    waiting = [];
    client.query(group);
    return (await group.results).slice(-last.length);
  }

  const { query } = sqlOfPg(client);
  return {
    async query<Row extends object>(statement: Sql) {
      if (begun && waiting.length === 0) return query<Row>(statement);
      const [result] = await send(statement).catch(rethrow);
      return (result?.rows ?? []) as Row[];
    },
    async queryBoth<First extends object, Second extends object>(...statements: [Sql, Sql]) {
      const [first, second] = await send(...statements).catch(rethrow);
      return [(first?.rows ?? []) as First[], (second?.rows ?? []) as Second[]];
    },
    async defer(statement) {
      waiting.push(statement);
    },
    async commit() {
      if (!begun && waiting.length === 0) return;
      const [result] = await send(COMMIT);
      // PostgreSQL's answer to a COMMIT after a failure that somebody has caught.
      if (result?.command !== "COMMIT") throw new Error("the transaction had failed, and was rolled back");
    },
    async rollBack() {
      if (begun) await client.query("ROLLBACK");
    },
  };
}

/**
 * Runs an effect in a transaction at READ COMMITTED: commits where it returns, rolls back where it throws.
 * A commit whose answer is lost throws, though it may have happened.
 *
 * @throws StoreUnavailableError where the database is away; else what the effect throws
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  effect: (transaction: SqlTransaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asStoreError(error);
  });
  let broken: Error | undefined;
  // The pool listens to a connection only while it is idle, and an error that nobody hears ends the process.
  const onError = (error: Error) => (broken = error);
  client.on("error", onError);
  const transaction = beginOn(client);
  try {
    const result = await effect(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollBack().catch((failure: Error) => (broken ??= failure));
    throw asStoreError(error);
  } finally {
    client.removeListener("error", onError);
    client.release(broken);
  }
}
