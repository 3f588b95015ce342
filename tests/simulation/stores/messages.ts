import {
  shardOf,
  StoreUnavailableError,
  type ConsumerStore,
  type DeadLetter,
  type Envelope,
  type OutboxRow,
  type OutboxStore,
  type OutgoingMessage,
  type Transact,
} from "@tributary/messaging/protocol";
import type { StoredMessage } from "../tables.ts";
import { describe, short } from "../world/broker.ts";
import type { Database, Transaction } from "../world/database.ts";
import type { SimulatedProcess } from "../world/process.ts";

/** JSON, as a column of it gives back what it was given. */
export function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Writes messages into the outbox: a number is given when a row is written, and seen when it is committed. */
export function send(
  database: Database,
  transaction: Transaction,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  return transaction.statement(`send ${messages.map(describe).join(", ")}`, () => {
    for (const { channel, envelope } of messages) {
      const seq = database.next("outbox_messages_seq");
      const row: StoredMessage = {
        seq,
        channel,
        shard: shardOf(envelope.aggregateId),
        envelope: json(envelope),
      };
      transaction.put("outbox_messages", String(seq), row);
    }
  });
}

/** The store of a relay. What is published is in a table of its own, so that a look costs what it finds. */
export function createOutbox(
  database: Database,
  process: SimulatedProcess,
  held: () => readonly number[],
): OutboxStore {
  const away = (what: string): Error => new StoreUnavailableError(what);
  const transact = transactions(database, process, (transaction) => transaction);
  return {
    unpublished: (limit) =>
      process.step(
        "read the outbox",
        () => {
          const shards = held();
          return database
            .committed("outbox_messages")
            .filter(({ shard }) => shards.includes(shard))
            .sort((left, right) => left.seq - right.seq)
            .slice(0, limit)
            .map((row) => ({ ...row, seq: String(row.seq) }));
        },
        { to: "database", away },
      ),
    markPublished: (rows: readonly OutboxRow[]) =>
      transact((transaction) =>
        transaction.statement(
          `mark ${rows.map(({ envelope }) => short(envelope.id)).join(", ")}`,
          async () => {
            for (const { seq } of rows) {
              if (transaction.get("outbox_messages", seq) === null) continue;
              await transaction.lock("outbox_messages", seq);
              const row = transaction.get("outbox_messages", seq);
              if (row === null) continue;
              transaction.put("outbox_messages", seq, null);
              transaction.put("published_messages", seq, row);
            }
          },
        ),
      ),
  };
}

/** Transactions whose store is made of each. */
export function transactions<Store>(
  database: Database,
  process: SimulatedProcess,
  createStore: (transaction: Transaction) => Store,
): Transact<Store> {
  return async (effect) => {
    const transaction = database.begin(process);
    try {
      if (database.isSerial)
        await transaction.statement("take one's turn", () => transaction.lock("idempotency_records", "*"));
      const result = await effect(createStore(transaction));
      await transaction.commit();
      return result;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  };
}

/** The store of a consumer. */
export function createConsumerStore(
  database: Database,
  process: SimulatedProcess,
): ConsumerStore<Transaction> {
  const transact = transactions(database, process, (transaction) => transaction);
  return {
    transaction: transact,
    claim: (transaction, consumer, ids) =>
      transaction.statement(`note ${ids.map(short).join(", ")}`, async () => {
        const fresh = new Set<string>();
        for (const id of [...new Set(ids)].sort()) {
          if (await transaction.insert("inbox_messages", `${consumer} ${id}`, { consumer, id }))
            fresh.add(id);
        }
        return fresh;
      }),
    bury: (letter) =>
      transact((transaction) =>
        transaction.statement(`bury ${short(letter.messageId)}: ${letter.error.split("\n")[0]}`, async () => {
          const key = keyOf(letter);
          await transaction.lock("dead_letters", key);
          transaction.put("dead_letters", key, { ...letter, envelope: json(letter.envelope) as Envelope });
        }),
      ),
    unbury: (transaction, letter) =>
      transaction.statement(`dig out ${short(letter.messageId)}`, async () => {
        await transaction.lock("dead_letters", keyOf(letter));
        transaction.put("dead_letters", keyOf(letter), null);
      }),
    isAway: (error) => error instanceof StoreUnavailableError,
  };
}

const keyOf = ({ consumer, messageId }: DeadLetter): string => `${consumer} ${messageId}`;
