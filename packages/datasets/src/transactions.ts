import { FACT_CONTEXTS as CONTEXTS, type FactContext as Context } from "@tributary/channels/contexts";
import pg from "pg";

export { CONTEXTS, type Context };

/** The URL of each context's database. */
export type DatabaseUrls = Readonly<Record<Context, string>>;

export type DatabaseClients = Readonly<Record<Context, pg.Client>>;

/**
 * Does work in one transaction in each of the three databases, and commits them one after another when the work is
 * done. A fault before that leaves nothing behind in any of them; a process that dies between two commits leaves the
 * first ones committed.
 *
 * @param signal ends the connections, and so the work, at once
 * @throws whatever the work throws, after everything is rolled back
 */
export async function inTransactions<T>(
  urls: DatabaseUrls,
  work: (clients: DatabaseClients) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const clients = Object.fromEntries(
    CONTEXTS.map((context) => [context, createClient(urls[context])]),
  ) as Record<Context, pg.Client>;
  const abort = (): void => CONTEXTS.forEach((context) => void clients[context].end());
  try {
    for (const context of CONTEXTS) await clients[context].connect();
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    for (const context of CONTEXTS) await clients[context].query("BEGIN");
    const result = await work(clients);
    signal?.throwIfAborted();
    // Whoever asks to stop now waits for the commits: half of them would be worse.
    signal?.removeEventListener("abort", abort);
    await commitAll(clients);
    return result;
  } finally {
    signal?.removeEventListener("abort", abort);
    // A connection that ends with its transaction open rolls it back.
    await Promise.allSettled(CONTEXTS.map((context) => clients[context].end()));
  }
}

/** Some databases were committed, and then one was not. */
export class PartialCommitError extends Error {
  override readonly name = "PartialCommitError";
}

async function commitAll(clients: DatabaseClients): Promise<void> {
  for (const [index, context] of CONTEXTS.entries()) {
    try {
      await clients[context].query("COMMIT");
    } catch (cause) {
      if (index === 0) throw cause;
      throw new PartialCommitError(
        `committed in ${CONTEXTS.slice(0, index).join(" and ")}, and then not in ${context}: ` +
          `${(cause as Error).message}. Do the same again: it adds what is missing`,
        { cause },
      );
    }
  }
}

/** A client that does not end the process when its connection is lost: the next query tells. */
export function createClient(url: string): pg.Client {
  const client = new pg.Client({ connectionString: url, application_name: "tributary-datasets" });
  client.on("error", () => {});
  return client;
}

/**
 * Runs jobs side by side, and waits for all of them, so that no connection is in use any more when this returns.
 *
 * @throws the first error, once the other jobs have ended; the signal that each gets tells them to
 */
export async function allOrNone(jobs: readonly ((signal: AbortSignal) => Promise<unknown>)[]): Promise<void> {
  const controller = new AbortController();
  let first: { error: unknown } | null = null;
  await Promise.all(
    jobs.map((job) =>
      job(controller.signal).catch((error: unknown) => {
        first ??= { error };
        controller.abort(error);
      }),
    ),
  );
  if (first !== null) throw (first as { error: unknown }).error;
}
