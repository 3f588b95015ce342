import type { IncomingHttpHeaders } from "node:http";
import type { Handover } from "./handover.ts";

/** A request for an operation on the short way, however it came. */
export interface Passage<Context> {
  readonly headers: IncomingHttpHeaders;
  /** Of the answer. */
  readonly contentType: string;
  readonly requestId: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** Whether the answer has begun. */
  readonly hasAnswered: boolean;
  /** Has a listener called once the client has the whole answer, or has gone. */
  once(event: "close", listener: () => void): void;
  /** Sends an answer of status 200. */
  send(answer: Buffer): void;
  /** Has the request go on through Fastify and Apollo Server. */
  goLongWay(handover: Handover<Context>): void;
}
