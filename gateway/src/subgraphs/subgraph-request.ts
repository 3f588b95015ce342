import type { CallRecord } from "./failure.ts";

/** What calls of subgraphs need to know of the client's request, and what they leave behind there. */
export interface SubgraphRequest {
  readonly requestId: string;
  /** The client's headers that are passed on; names in lower case. */
  readonly forwardedHeaders: Readonly<Record<string, string>>;
  /** Aborted when the client has left and nothing of the request is worth going on with. */
  readonly signal: AbortSignal;
  /** The token that tells a subgraph who is asking; null where the gateway serves without identity. */
  readonly identityTokenFor: ((service: string) => Promise<string>) | null;
  readonly subgraphCalls: CallRecord[];
}
