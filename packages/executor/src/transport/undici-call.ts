import type { Dispatcher } from "undici";
import { HttpCall } from "./http-call.ts";
import { isLostConnection } from "./lost-connection.ts";
import { ResponseBody } from "./response-body.ts";
import type { ResponseReceiver, TransportRequest } from "./transport.ts";

/** Where a call goes. */
export interface UndiciTarget {
  readonly path: string;
  readonly pool: Dispatcher;
  /** Gives connections that nobody has used. */
  readonly freshPool: () => Dispatcher;
  readonly responseLimitBytes: number;
}

type ResponseHeaders = Record<string, string | string[] | undefined>;

/** One call, as undici's dispatcher drives it. */
export class UndiciCall extends HttpCall implements Dispatcher.DispatchHandler {
  readonly #target: UndiciTarget;
  readonly #body: ResponseBody;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #statusText = "";
  #headers: ResponseHeaders | null = null;
  #repeated = false;

  constructor(request: TransportRequest, target: UndiciTarget, receiver: ResponseReceiver) {
    super(request, receiver);
    this.#target = target;
    this.#body = new ResponseBody(target.responseLimitBytes);
  }

  protected override send(): void {
    this.#dispatch(this.#target.pool);
  }

  #dispatch(pool: Dispatcher): void {
    const { headers, body, method = "POST" } = this.sent;
    try {
      pool.dispatch({ path: this.#target.path, method, headers, body: method === "GET" ? null : body }, this);
    } catch (error) {
      this.fail(error);
    }
  }

  protected override abandon(reason: unknown): void {
    this.#controller?.abort(reason as Error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // A call may have waited for a connection for longer than its client.
    if (this.hasEnded) controller.abort(this.sent.signal?.reason as Error);
  }

  // oxlint-disable-next-line max-params -- as undici calls it
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
    statusText = "",
  ): void {
    this.#status = status;
    this.#statusText = statusText;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    // What it throws ends the call and its connection.
    this.#body.add(piece);
  }

  onResponseEnd(): void {
    const headers = joined(this.#headers ?? {});
    const head = { status: this.#status, statusText: this.#statusText, headers };
    try {
      this.succeed(head, this.#body.bytes(headers["content-encoding"]));
    } catch (error) {
      this.fail(error);
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (!this.#mayRepeat(error)) return this.fail(error);
    this.#repeated = true;
    this.#controller = null;
    // Not in the middle of the end of a connection.
    setImmediate(() => {
      if (!this.hasEnded) this.#dispatch(this.#target.freshPool());
    });
  }

  #mayRepeat(error: Error): boolean {
    const { idempotent = false } = this.sent;
    return idempotent && this.#status === 0 && !this.#repeated && !this.hasEnded && isLostConnection(error);
  }
}

/** Undici gives a header that came more than once as a list. */
function joined(headers: ResponseHeaders): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== "string") headers[name] = value === undefined ? "" : value.join(", ");
  }
  return headers as Record<string, string>;
}
