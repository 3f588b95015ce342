import { textOf } from "./content-coding.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";

/** The promise of a call's answer, from inside. */
export interface Answering {
  readonly resolve: (response: TransportResponse | Promise<TransportResponse>) => void;
  readonly reject: (error: TransportError) => void;
}

/** What a call over HTTP is to whoever waits for it: it ends once, with an answer or a failure, or as they leave. */
export abstract class HttpCall implements EventListenerObject {
  protected readonly sent: TransportRequest;
  readonly #answering: Answering;
  #ended = false;

  constructor(sent: TransportRequest, answering: Answering) {
    this.sent = sent;
    this.#answering = answering;
  }

  /** Sends the call; or only fails, where its client has left already. */
  start(): void {
    const { signal } = this.sent;
    if (signal?.aborted === true) return this.handleEvent();
    signal?.addEventListener("abort", this, { once: true });
    this.send();
  }

  /** The client has left. */
  handleEvent(): void {
    const reason: unknown = this.sent.signal?.reason;
    this.fail(reason);
    this.abandon(reason);
  }

  protected abstract send(): void;

  /** Ends what is under way, and sends nothing more. Nobody waits for it. */
  protected abstract abandon(reason: unknown): void;

  protected get hasEnded(): boolean {
    return this.#ended;
  }

  /** @param body or the promise of it, which rejects where it cannot be decoded */
  protected succeed(head: Omit<TransportResponse, "body">, body: Buffer | Promise<Buffer>): void {
    if (!this.#end()) return;
    this.#answering.resolve(
      Buffer.isBuffer(body)
        ? new HttpResponse(head, body)
        : body.then(
            (bytes) => new HttpResponse(head, bytes),
            (error: unknown) => Promise.reject(new TransportError(this.sent.url, error)),
          ),
    );
  }

  protected fail(error: unknown): void {
    if (this.#end()) this.#answering.reject(new TransportError(this.sent.url, error));
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.sent.signal?.removeEventListener("abort", this);
    return true;
  }
}

/** An answer whose text is made when it is asked for. */
class HttpResponse implements TransportResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  #body: string | undefined;

  constructor({ status, statusText, headers }: Omit<TransportResponse, "body">, bytes: Buffer) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.bytes = bytes;
  }

  get body(): string {
    return (this.#body ??= textOf(this.bytes));
  }
}
