import { HttpCall, type WholeBody } from "../http-call.ts";
import { isLostConnection } from "../lost-connection.ts";
import type { ResponseReceiver, TransportRequest } from "../transport.ts";
import type { Exchange } from "./connection.ts";
import type { OriginConnections } from "./origin-connections.ts";
import { type RequestLines, type RequestText, writeRequest } from "./request-text.ts";
import type { ResponseHead } from "./response-head.ts";

export interface Http1Target {
  readonly requestLines: RequestLines;
  readonly connections: OriginConnections;
}

/** One call, over as many connections as it takes: one, or two. */
export class Http1Call extends HttpCall implements Exchange {
  readonly #target: Http1Target;
  #repeated = false;
  readonly text: RequestText;

  /** @throws Error where the request cannot be sent */
  constructor(request: TransportRequest, target: Http1Target, receiver: ResponseReceiver) {
    super(request, receiver);
    this.#target = target;
    this.text = writeRequest(target.requestLines, request);
  }

  protected override send(): void {
    const { connections } = this.#target;
    if (this.sent.idempotent === true) connections.start(this);
    else connections.startCarefully(this);
  }

  protected override abandon(): void {
    this.#target.connections.abandon(this);
  }

  onResponse(head: ResponseHead, body: WholeBody): void {
    this.succeed(head, body);
  }

  onFailure(error: unknown, hasBegun: boolean): void {
    const { idempotent = false } = this.sent;
    if (idempotent && !hasBegun && !this.#repeated && !this.hasEnded && isLostConnection(error)) {
      this.#repeated = true;
      this.#target.connections.startOnNew(this);
    } else this.fail(error);
  }
}
