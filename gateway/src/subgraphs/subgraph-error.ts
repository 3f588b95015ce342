import type { ErrorCode } from "@tributary/subgraph-kit/errors";

export type SubgraphErrorCode = Extract<ErrorCode, `SUBGRAPH_${string}`>;

/** A call of a subgraph came to nothing. `cause` and `detail` are for the log alone. */
export class SubgraphError extends Error {
  override readonly name = "SubgraphError";
  readonly code: SubgraphErrorCode;
  /** HTTP status, where there was an answer. */
  readonly status: number | null;
  readonly detail: string;

  constructor(code: SubgraphErrorCode, detail: string, options: ErrorOptions & { status?: number } = {}) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.status = options.status ?? null;
  }
}

/** What the client is told; nothing of the cause. */
export function clientMessage(code: SubgraphErrorCode, service: string): string {
  switch (code) {
    case "SUBGRAPH_TIMEOUT":
      return `The service "${service}" did not answer in time.`;
    case "SUBGRAPH_UNAVAILABLE":
      return `The service "${service}" could not be reached.`;
    case "SUBGRAPH_HTTP_ERROR":
      return `The service "${service}" answered with an error.`;
    case "SUBGRAPH_INVALID_RESPONSE":
      return `The service "${service}" gave an answer that cannot be used.`;
  }
}
