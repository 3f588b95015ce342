/** One POST to a subgraph. */
export interface TransportRequest {
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
}

export interface TransportResponse {
  readonly status: number;
  readonly statusText: string;
  /** By lower-case name; those that came more than once are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded from UTF-8. */
  readonly body: string;
}

/** Carries calls to subgraphs. */
export interface Transport {
  /**
   * Sends a request, at most once, and reads the whole answer, whatever its status.
   *
   * @throws TransportError where there is none
   */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Waits for calls under way, then closes connections. */
  close(): Promise<void>;
}
