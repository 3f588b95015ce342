import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Handover, Handovers } from "./handover.ts";
import type { Passage } from "./passage.ts";
import { securityHeaders } from "./security-headers.ts";

const fixedHeaders: readonly string[] = securityHeaders.flat();

export interface NodePassageOptions<Context> {
  readonly contentType: string;
  readonly requestId: string;
  readonly longWay: RequestListener;
  readonly handovers: Handovers<Context>;
  readonly isStopping: () => boolean;
}

/** A request of node:http. */
export class NodePassage<Context> implements Passage<Context> {
  readonly startedAt = performance.now();
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: NodePassageOptions<Context>;

  constructor(request: IncomingMessage, response: ServerResponse, options: NodePassageOptions<Context>) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  get contentType(): string {
    return this.#options.contentType;
  }

  get requestId(): string {
    return this.#options.requestId;
  }

  get hasAnswered(): boolean {
    return this.#response.headersSent;
  }

  once(event: "close", listener: () => void): void {
    this.#response.once(event, listener);
  }

  send(answer: Buffer): void {
    const { requestId, contentType, isStopping } = this.#options;
    const headers = ["x-request-id", requestId, "content-type", contentType, ...fixedHeaders];
    headers.push("content-length", String(answer.length));
    if (isStopping()) headers.push("connection", "close");
    this.#response.writeHead(200, headers);
    this.#response.end(answer);
  }

  goLongWay(handover: Handover<Context>): void {
    this.#options.handovers.set(this.#request, handover);
    this.#options.longWay(this.#request, this.#response);
  }
}
