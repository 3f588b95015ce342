/** The queue of a channel's consumer: `customer.events/history`. */
export function queueName(channel: string, consumer: string): string {
  return `${channel}/${consumer}`;
}

/** @returns undefined for a queue that is not one of a channel's consumer */
export function parseQueueName(name: string): { channel: string; consumer: string } | undefined {
  const [channel, consumer, ...rest] = name.split("/");
  return channel && consumer && rest.length === 0 ? { channel, consumer } : undefined;
}
