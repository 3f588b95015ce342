import type { Envelope } from "../message/envelope.ts";

/** A message that could not be handled. */
export interface DeadLetter {
  readonly consumer: string;
  readonly messageId: string;
  readonly channel: string;
  /** The message as it came, also where it is none. */
  readonly envelope: unknown;
  readonly error: string;
  readonly attempts: number;
}

/** Where a consumer's effects are kept, with the notes of what was received. */
export interface ConsumerStore<Transaction> {
  /** Runs an effect in a transaction; rejects where it did not commit, or where that is not known. */
  transaction<T>(effect: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Notes messages as received. @returns the ids of those that were not noted before */
  claim(transaction: Transaction, consumer: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Keeps a dead letter, in a transaction of its own; a message that is one already gets the newer error. */
  bury(letter: DeadLetter): Promise<void>;
  /** Removes a dead letter, in the transaction of its effects. */
  unbury(transaction: Transaction, letter: DeadLetter): Promise<void>;
  /** Whether an error says that the store is away, and nothing about a message. */
  isAway(error: unknown): boolean;
}

/** What to do with each type of message; other types are acknowledged and left. */
export type MessageHandlers<Transaction> = Readonly<
  Record<string, (transaction: Transaction, envelope: Envelope) => Promise<void>>
>;

/**
 * Gives the handlers of a store to what hands over transactions.
 *
 * @param createStore makes the store of one transaction
 */
export function handlersOn<Transaction, Store>(
  createStore: (transaction: Transaction) => Store,
  handlers: MessageHandlers<Store>,
): MessageHandlers<Transaction> {
  return Object.fromEntries(
    Object.entries(handlers).map(([type, handle]) => [
      type,
      (transaction: Transaction, envelope: Envelope) => handle(createStore(transaction), envelope),
    ]),
  );
}

/** Thrown by a handler: no further attempt will help, and the message becomes a dead letter at once. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}
