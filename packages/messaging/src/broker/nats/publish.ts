import type { JetStreamClient } from "@nats-io/jetstream";
import type { OutgoingMessage } from "../broker.ts";
import { partitionOf, subjectOf } from "./layout.ts";

/** What is not answered by then was lost with its connection, most likely; sent again, it is stored once. */
const PUBLISH_MS = 3_000;

/**
 * Publishes messages, those of different keys side by side. The next one of a key is sent once the one before is stored:
 * were both under way, and the first one lost, it would be stored behind the second when it is sent again.
 *
 * @throws what the first failure is; the rest of its key is not sent
 */
export async function publishInOrder(
  client: JetStreamClient,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  const chains = Map.groupBy(messages, ({ channel, envelope }) => `${channel} ${envelope.aggregateId}`);
  const results = await Promise.allSettled(
    [...chains.values()].map(async (chain) => {
      for (const { channel, envelope } of chain) {
        const subject = subjectOf(channel, partitionOf(envelope.aggregateId));
        await client.publish(subject, JSON.stringify(envelope), { msgID: envelope.id, timeout: PUBLISH_MS });
      }
    }),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
