import { openBroker, type ConsumerLag, type OutboxStatus } from "@tributary/messaging";
import { StackError } from "../error.ts";
import type { MessageDatabase } from "./message-databases.ts";

/** What a context has to send, and what it could not handle. */
export interface ContextStatus {
  readonly context: string;
  readonly outbox: OutboxStatus;
  readonly deadLetters: readonly { consumer: string; count: number }[];
}

export async function readStatus(database: MessageDatabase): Promise<ContextStatus> {
  const [outbox, deadLetters] = await Promise.all([database.outbox(), database.deadLetters()]);
  return { context: database.context, outbox, deadLetters };
}

/** How long a broker may take to answer. */
const LIMIT_MS = 10_000;

/**
 * Reads how far the consumers are behind.
 *
 * @throws StackError where the broker does not answer
 */
export async function readBrokerLag(url: string): Promise<ConsumerLag[]> {
  let last: Error | undefined;
  const broker = openBroker(url, { subscriptions: {}, onError: (error) => (last = error) });
  const limit = setTimeout(() => void broker.close(), LIMIT_MS);
  try {
    return await broker.lag();
  } catch (error) {
    throw new StackError(
      `the broker that BROKER_URL names does not answer: ${(last ?? (error as Error)).message}`,
    );
  } finally {
    clearTimeout(limit);
    await broker.close();
  }
}
