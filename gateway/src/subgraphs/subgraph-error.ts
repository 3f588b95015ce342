import type { TransportError } from "@tributary/executor";
import type { ErrorCode } from "@tributary/subgraph-kit/errors";

/** Codes of a call that came to nothing. */
export type SubgraphErrorCode = Exclude<
  Extract<ErrorCode, `SUBGRAPH_${string}`>,
  "SUBGRAPH_NULL_FOR_NON_NULL"
>;

/** A call of a subgraph came to nothing. `cause` and `detail` are for the log alone. */
export class SubgraphError extends Error {
  override readonly name = "SubgraphError";
  readonly code: SubgraphErrorCode;
  readonly detail: string;

  constructor(code: SubgraphErrorCode, detail: string, options: ErrorOptions = {}) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Why a call is ended that took too long. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly code = "ETIMEDOUT";
}

/** What a call came to that got no answer. */
export function transportFailure(error: TransportError): SubgraphError {
  const { cause, code } = error;
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DeadlineError) return new SubgraphError("SUBGRAPH_TIMEOUT", detail, { cause });
  if (code === "ERR_RESPONSE_TOO_LARGE")
    return new SubgraphError("SUBGRAPH_INVALID_RESPONSE", detail, { cause });
  const name = cause instanceof Error ? cause.name : detail;
  return new SubgraphError("SUBGRAPH_UNAVAILABLE", code ?? name, { cause });
}

/** A service as messages name it; undefined where it is not known which one it is. */
export function serviceInWords(service: string | undefined): string {
  return service === undefined ? "A service" : `The service "${service}"`;
}

/** What the client is told; nothing of the cause. */
export function clientMessage(code: SubgraphErrorCode, service: string | undefined): string {
  const name = serviceInWords(service);
  switch (code) {
    case "SUBGRAPH_TIMEOUT":
      return `${name} did not answer in time.`;
    case "SUBGRAPH_UNAVAILABLE":
      return `${name} could not be reached.`;
    case "SUBGRAPH_HTTP_ERROR":
      return `${name} answered with an error.`;
    case "SUBGRAPH_INVALID_RESPONSE":
      return `${name} gave an answer that cannot be used.`;
  }
}
