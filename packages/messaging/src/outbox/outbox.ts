import { crc32 } from "node:zlib";
import sql from "sql-template-tag";
import type { OutgoingMessage } from "../broker/broker.ts";
import type { SqlTransaction } from "../postgres/transaction.ts";

/** How many parts the outbox has, by the hash of the key; it never changes, as rows keep theirs. */
export const SHARDS = 16;

/** The largest message, in bytes of JSON: every broker carries it. */
const MESSAGE_LIMIT_BYTES = 256 * 1024;

/** The channel of PostgreSQL's NOTIFY that wakes relays. */
export const OUTBOX_NOTICE = "tributary_outbox";

/**
 * Writes messages into the outbox, in the transaction of the change that they tell. The aggregate's row is changed or
 * locked first: then the messages of one aggregate are in the order of its changes. Relays are woken after the commit.
 *
 * @throws RangeError for a message of more than 256 KiB
 */
export async function writeMessages(
  transaction: SqlTransaction,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map(({ channel, envelope }) => {
    const json = JSON.stringify(envelope);
    if (Buffer.byteLength(json) > MESSAGE_LIMIT_BYTES) {
      throw new RangeError(
        `${envelope.type} ${envelope.id} has ${Buffer.byteLength(json)} bytes, and ${MESSAGE_LIMIT_BYTES} is the limit: ` +
          "send an id, and let the receiver ask for the rest",
      );
    }
    return `{"id":${JSON.stringify(envelope.id)},"channel":${JSON.stringify(channel)},"shard":${shardOf(envelope.aggregateId)},"envelope":${json}}`;
  });
  await transaction.defer(
    sql`INSERT INTO outbox_messages (id, channel, shard, envelope) SELECT (value ->> 'id')::uuid, value ->> 'channel', (value ->> 'shard')::smallint, value -> 'envelope' FROM jsonb_array_elements(${`[${rows.join()}]`}::jsonb) WITH ORDINALITY AS message (value, position) ORDER BY position`,
  );
}

/** The part of the outbox that a key's messages are in. */
export function shardOf(key: string): number {
  return crc32(key) % SHARDS;
}
