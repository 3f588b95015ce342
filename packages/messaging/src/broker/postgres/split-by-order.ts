import type { OutgoingMessage } from "../broker.ts";

/**
 * Splits messages into parts that are stored one after the other. pg-boss orders what is stored together by id; within
 * a part, the ids of each key ascend. They do by themselves where one process made them, so there is one part then.
 */
export function splitByOrder(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const parts: OutgoingMessage[][] = [];
  const last = new Map<string, { part: number; id: string }>();
  for (const message of messages) {
    const { id, aggregateId } = message.envelope;
    const before = last.get(aggregateId);
    const part = before === undefined ? 0 : before.id < id ? before.part : before.part + 1;
    // The same message twice is stored once.
    if (before?.id === id) continue;
    last.set(aggregateId, { part, id });
    (parts[part] ??= []).push(message);
  }
  return parts;
}
