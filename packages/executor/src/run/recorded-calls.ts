import type { TransportResponse } from "../transport/transport.ts";

/** Answers, or what is to come of calls, by `recordKey`. */
export type RecordedCalls = Map<string, Promise<TransportResponse>>;

/** Stands for a call of one request. */
export function recordKey(serviceName: string, body: string): string {
  return `${serviceName}\n${body}`;
}
