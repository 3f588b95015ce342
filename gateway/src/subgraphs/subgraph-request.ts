import type { SubgraphCall } from "./subgraph-call.ts";

/** Whether anybody still waits for a request's answer. */
export interface Waiting {
  readonly isOver: boolean;
  /** Has a call ended with a reason when nobody waits any more. */
  onOver(call: { end(reason: unknown): void }): void;
}

/** What calls of subgraphs need to know of the client's request, and what they leave behind there. */
export interface SubgraphRequest {
  readonly requestId: string;
  /** The client's headers that are passed on; names in lower case. */
  readonly forwardedHeaders: Readonly<Record<string, string>>;
  /** Null where calls are gone on with, whoever waits. */
  readonly waiting: Waiting | null;
  /** The token that tells a subgraph who is asking; null where the gateway serves without identity. */
  readonly identityTokenFor: ((service: string) => Promise<string>) | null;
  /** In the order in which they began. */
  readonly subgraphCalls: SubgraphCall[];
}
