import { openHistoryStore } from "@tributary/history/load";
import {
  countDeadLetters,
  inTransaction,
  listDeadLetters,
  outboxStatus,
  requestRedrive,
  type DeadLetterFilter,
  type OutboxStatus,
  type StoredDeadLetter,
} from "@tributary/messaging";
import { describeDatabase } from "@tributary/migrate";
import pg from "pg";
import { isRedis } from "../databases.ts";
import { StackError } from "../error.ts";

/** What a context keeps of its messages. */
export interface MessageDatabase {
  readonly context: string;
  /** What waits to be sent; nothing of a context that sends nothing. */
  outbox(): Promise<OutboxStatus>;
  deadLetters(): Promise<{ consumer: string; count: number }[]>;
  list(filter: DeadLetterFilter, limit: number): Promise<StoredDeadLetter[]>;
  requestRedrive(filter: DeadLetterFilter): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Opens the databases of contexts; one that takes no part in messaging is left out.
 *
 * @param urlOf gives a context's connection URL
 * @throws StackError where one cannot be reached; it does not show the password
 */
export async function openMessageDatabases(
  contexts: readonly string[],
  urlOf: (context: string) => string,
): Promise<MessageDatabase[]> {
  const opened: MessageDatabase[] = [];
  try {
    for (const context of contexts) {
      const url = urlOf(context);
      const database = isRedis(url) ? await openRedis(context, url) : await openPostgres(context, url);
      if (database) opened.push(database);
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map((each) => each.close()));
    throw error;
  }
}

const NOTHING: OutboxStatus = { waiting: 0, oldestSeconds: 0 };

async function openPostgres(context: string, url: string): Promise<MessageDatabase | null> {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 });
  pool.on("error", () => {}); // the next statement says it
  const { rows } = await pool
    .query<{ sends: boolean; hears: boolean }>(
      "SELECT to_regclass('outbox_messages') IS NOT NULL AS sends, to_regclass('dead_letters') IS NOT NULL AS hears",
    )
    .catch(async (error: Error) => {
      await pool.end();
      throw unreachable(url, error);
    });
  const close = () => pool.end();
  const { sends, hears } = rows[0]!;
  if (!hears) {
    await close();
    return null;
  }
  return {
    context,
    outbox: async () => (sends ? outboxStatus(pool) : NOTHING),
    deadLetters: () => countDeadLetters(pool),
    list: (filter, limit) => listDeadLetters(pool, filter, limit),
    requestRedrive: (filter) => inTransaction(pool, (transaction) => requestRedrive(transaction, filter)),
    close,
  };
}

async function openRedis(context: string, url: string): Promise<MessageDatabase> {
  const store = openHistoryStore(url);
  await store.ping().catch(async (error: Error) => {
    await store.close();
    throw unreachable(url, error);
  });
  return {
    context,
    outbox: async () => NOTHING,
    deadLetters: () => store.countDeadLetters(),
    list: (filter, limit) => store.listDeadLetters(filter, limit),
    requestRedrive: (filter) => store.requestRedrive(filter),
    close: () => store.close(),
  };
}

function unreachable(url: string, { message }: Error): StackError {
  return new StackError(`${describeDatabase(url)} cannot be asked: ${message || "nobody listens"}`);
}
