/** A subgraph gave no answer. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** The system's or the client's: `ECONNREFUSED`, `UND_ERR_HEADERS_TIMEOUT` or the like. */
  readonly code: string | undefined;

  constructor(url: string, cause: unknown) {
    super(`request to ${url} failed, reason: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  }
}
