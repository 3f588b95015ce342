import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

/** How many SQL statements were sent on behalf of one request. */
export interface StatementCount {
  statements: number;
}

const current = new AsyncLocalStorage<StatementCount>();

/**
 * Runs a request so that the statements it causes are counted.
 *
 * @param count the object to count in
 * @param work the request
 * @returns what the work returns
 */
export function countStatements<T>(count: StatementCount, work: () => T): T {
  return current.run(count, work);
}

/** How many statements the request that this runs for has sent; 0 outside of a request. */
export function statementsSoFar(): number {
  return current.getStore()?.statements ?? 0;
}

/** As much of a `pg.Pool` as is needed to see the statements that pass through it. */
interface ObservablePool {
  on(event: "connect", listener: (client: ObservableClient) => void): unknown;
  // oxlint-disable-next-line typescript/no-explicit-any -- as below: with a callback, or with a promise.
  connect: (...args: any[]) => any;
}

// oxlint-disable-next-line typescript/no-explicit-any -- `pg`'s query has a dozen overloads, and all of them count alike.
type ObservableClient = { query: (...args: any[]) => any };

/**
 * Counts every statement that a pool's connections send, BEGIN and COMMIT included, for the request that caused it.
 * Counting at the connection rather than in the ORM keeps the figure true whatever builds the SQL. What sends several in
 * one go says how many, as `statementCount`.
 *
 * @param pool a pool whose connections are not open yet
 */
export function observeStatements(pool: ObservablePool): void {
  pool.on("connect", (client) => {
    const send = client.query.bind(client);
    client.query = (...args) => {
      const count = current.getStore();
      if (count)
        count.statements += (args[0] as { statementCount?: number } | undefined)?.statementCount ?? 1;
      return send(...args);
    };
  });
  // Whoever has to wait for a connection is called by the one who lets go of it, and is not to count for that one.
  const connect = pool.connect.bind(pool);
  pool.connect = (callback?: (...args: unknown[]) => void) =>
    callback ? connect(AsyncResource.bind(callback)) : connect();
}
