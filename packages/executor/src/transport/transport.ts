/**
 * What ends a call early: as much of an AbortSignal as transports need. Whoever makes many calls may have something that
 * costs less than an AbortSignal for each.
 */
export interface EndSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: EndListener, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: EndListener): void;
}

/** Told that a call is to end. */
export type EndListener = EventListenerObject | (() => void);

/** One POST to a subgraph. */
export interface TransportRequest {
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the call early. */
  readonly signal?: EndSignal | undefined;
  /**
   * Whether sending it twice changes no more than sending it once: true of queries alone. Such a request is sent once
   * more, on a new connection, where a connection ended before the first byte of its answer (RFC 9112, 9.3.1).
   *
   * @default false
   */
  readonly idempotent?: boolean;
}

export interface TransportResponse {
  readonly status: number;
  readonly statusText: string;
  /** By lower-case name; those that came more than once are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded from UTF-8. */
  readonly body: string;
  /** The body before it was decoded, where the transport has it: what reads bytes need not have the string made. */
  readonly bytes?: Buffer;
}

/** Carries calls to subgraphs. */
export interface Transport {
  /**
   * Sends a request, once save where it is idempotent, and reads the whole answer, whatever its status.
   *
   * @throws TransportError where there is none
   */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Waits for calls under way, then closes connections. */
  close(): Promise<void>;
}
