import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { finished } from "node:stream/promises";
import type { CopyValue } from "./copy-text.ts";
import { copyLine } from "./copy-text.ts";

export type Rows<T> = AsyncIterable<T> | Iterable<T>;

/** One of the tables that an item goes to: an order, for example, is a row of its own, some lines and some events. */
export interface CopyPart<T> {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: (item: T) => Iterable<readonly CopyValue[]>;
}

export interface Copying<T> {
  /** The tables, those that others refer to first. */
  readonly parts: readonly CopyPart<T>[];
  readonly items: Rows<T>;
  /** How much text is gathered before it is sent, in characters. Twice this much is held at most. */
  readonly chunkSize?: number;
}

/**
 * Copies items into their tables, in the order of the parts, so that a part may refer to the ones before it.
 *
 * A connection runs one COPY at a time, so the parts take turns, a chunk each. The next chunk is made while one is being
 * sent, and no more than that: a slow database slows the source down, and memory stays bounded whatever comes.
 *
 * @param client a client in a transaction
 * @returns how many rows went into each part
 * @throws whatever the source throws, and the database's errors; the transaction is to be rolled back then
 */
export async function copyRows<T>(
  client: ClientBase,
  { parts, items, chunkSize = 1 << 20 }: Copying<T>,
): Promise<number[]> {
  const counts = parts.map(() => 0);
  let texts = parts.map(() => "");
  let size = 0;
  let sending: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await sending;
    sending = send(client, parts, texts);
    // The error is thrown by the next `await`; until then nobody looks at the promise.
    sending.catch(() => {});
    texts = parts.map(() => "");
    size = 0;
  };
  try {
    for await (const item of items) {
      for (let index = 0; index < parts.length; index++) {
        for (const row of (parts[index] as CopyPart<T>).rows(item)) {
          const line = copyLine(row);
          texts[index] += line;
          size += line.length;
          (counts[index] as number)++;
        }
      }
      if (size >= chunkSize) await flush();
    }
    await flush();
    await sending;
  } catch (error) {
    // The client must be free again when this returns, whichever way; the first error is the one to tell.
    await sending.catch(() => {});
    throw error;
  }
  return counts;
}

async function send<T>(
  client: ClientBase,
  parts: readonly CopyPart<T>[],
  texts: readonly string[],
): Promise<void> {
  for (const [index, { table, columns }] of parts.entries()) {
    const text = texts[index];
    if (!text) continue;
    const names = columns.map((column) => `"${column}"`).join(", ");
    const stream = client.query(copyFrom(`COPY "${table}" (${names}) FROM STDIN`));
    stream.end(text);
    await finished(stream);
  }
}
