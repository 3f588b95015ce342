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

/** One call of a subgraph: a POST, or where a redirect says so a GET. */
export interface TransportRequest {
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty with GET. */
  readonly body: string;
  /** @default "POST" */
  readonly method?: "GET" | "POST";
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
  /** What was asked, where the transport tells it: after redirects another URL than the first one. */
  readonly url?: string;
  readonly status: number;
  readonly statusText: string;
  /** By lower-case name; those that came more than once are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded from UTF-8. */
  readonly body: string;
  /** The body before it was decoded, where the transport has it: what reads bytes need not have the string made. */
  readonly bytes?: Buffer;
  /** Says that so many more than the one whom the answer was given to will release it. */
  retain?(more: number): void;
  /**
   * Gives the memory of the body back for other answers, once all who had the answer did so. Nobody may look at `bytes`
   * or at a `body` that was not read before any more. Not to release an answer is right too, and costs garbage.
   */
  release?(): void;
}

/** Who waits for the answer of a call: told of one of these, once. Neither may throw. */
export interface ResponseReceiver {
  onResponse(response: TransportResponse): void;
  /** @param error TransportError */
  onFailure(error: unknown): void;
}

/** Carries calls to subgraphs. */
export interface Transport {
  /**
   * Sends a request, once save where it is idempotent, and reads the whole answer, whatever its status.
   *
   * @throws TransportError where there is none
   */
  send(request: TransportRequest): Promise<TransportResponse>;
  /**
   * The same, told to a receiver in place of a promise, which costs less. The receiver may be told before this returns.
   *
   * @default calls `send`
   */
  dispatch?(request: TransportRequest, receiver: ResponseReceiver): void;
  /** Waits for calls under way, then closes connections. */
  close(): Promise<void>;
}
