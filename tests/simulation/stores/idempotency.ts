import type { IdempotencyKey, IdempotencyStore } from "@tributary/subgraph-kit";
import type { Transaction } from "../world/database.ts";
import { json } from "./messages.ts";

/** The store of answers by key of one transaction. */
export function createIdempotencyStore(transaction: Transaction): IdempotencyStore {
  const table = "idempotency_records";
  const keyOf = ({ operation, caller, key }: IdempotencyKey): string => `${operation} ${caller} ${key}`;
  return {
    claimKey: (key, fingerprint) =>
      transaction.statement(`take the key ${key.key}`, () =>
        transaction.insert(table, keyOf(key), { fingerprint, answer: null }),
      ),
    readAnswer: (key) =>
      transaction.statement(`read the answer of ${key.key}`, () => transaction.get(table, keyOf(key))),
    keepAnswer: (key, answer) =>
      transaction.statement(`keep the answer of ${key.key}`, () => {
        const record = transaction.get(table, keyOf(key));
        if (record) transaction.put(table, keyOf(key), { ...record, answer: json(answer) });
      }),
  };
}
