import { crc32 } from "node:zlib";

/**
 * How many parts a channel has. Messages of a key are all in one, and a consumer takes one message of a part at a time:
 * the order of a key holds across processes. It never changes, as messages under way keep theirs.
 */
export const PARTITIONS = 16;

/** `customer_events`: a stream's name has no dots. */
export function streamName(channel: string): string {
  return channel.replaceAll(".", "_");
}

/** `tributary.customer.events.7` */
export function subjectOf(channel: string, partition: number | "*"): string {
  return `tributary.${channel}.${partition}`;
}

/** `history-7` */
export function durableName(consumer: string, partition: number): string {
  return `${consumer}-${partition}`;
}

/** @returns the consumer that a durable belongs to, undefined where it is none of ours */
export function consumerOf(durable: string): string | undefined {
  return /^(.+)-\d+$/.exec(durable)?.[1];
}

export function partitionOf(key: string): number {
  return crc32(key) % PARTITIONS;
}

/** @returns the channel of `tributary.customer.events.*`, undefined for a subject that is not ours */
export function channelOf(subject: string): string | undefined {
  return /^tributary\.(.+)\.[^.]+$/.exec(subject)?.[1];
}
