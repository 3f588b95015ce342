import type { IncomingMessage } from "node:http";

/** What the shortcut did of a request before it handed it over to the long way through Fastify and Apollo Server. */
export interface Handover<Context> {
  readonly requestId: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** The body, which can be read from the request only once. */
  readonly body: Buffer;
  /** Made already, with what has come of the operation. */
  readonly context: Context | null;
  /** Why the request was refused; null where it was not, or not yet. */
  readonly refusal: Refusal | null;
  /** The whole answer, which is only to be sent. */
  readonly answer: ReadyAnswer | null;
}

/** Why no context could be made for a request. */
export interface Refusal {
  /** What was thrown. */
  readonly error: unknown;
}

/** An answer to be sent as it is. */
export interface ReadyAnswer {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Requests that were handed over. */
export type Handovers<Context> = WeakMap<IncomingMessage, Handover<Context>>;
