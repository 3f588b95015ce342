import { textOf } from "./content-coding.ts";
import type { AnswerMemory } from "./answer-memory.ts";
import type { ResponseReceiver, TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";

/** A body, or the promise of it, which rejects where it cannot be decoded. */
export type WholeBody = AnswerMemory | Buffer | Promise<Buffer>;

/** What a call over HTTP is to whoever waits for it: it ends once, with an answer or a failure, or as they leave. */
export abstract class HttpCall implements EventListenerObject {
  protected readonly sent: TransportRequest;
  readonly #receiver: ResponseReceiver;
  #ended = false;

  constructor(sent: TransportRequest, receiver: ResponseReceiver) {
    this.sent = sent;
    this.#receiver = receiver;
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

  protected succeed(head: Omit<TransportResponse, "body">, body: WholeBody): void {
    if (!this.#end()) return;
    const receiver = this.#receiver;
    if (body instanceof Promise) {
      body.then(
        (bytes) => receiver.onResponse(new HttpResponse(this.sent.url, head, bytes)),
        (error: unknown) => receiver.onFailure(new TransportError(this.sent.url, error)),
      );
    } else receiver.onResponse(new HttpResponse(this.sent.url, head, body));
  }

  protected fail(error: unknown): void {
    if (this.#end()) this.#receiver.onFailure(new TransportError(this.sent.url, error));
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.sent.signal?.removeEventListener("abort", this);
    return true;
  }
}

/** What is left of bytes that were released: no JSON, so that whoever reads on is told so. */
const RELEASED = Buffer.alloc(0);

/** An answer whose text is made when it is asked for. */
class HttpResponse implements TransportResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  bytes: Buffer;
  #memory: AnswerMemory | null;
  /** How many have it and have not released it. */
  #holders = 1;
  #body: string | undefined = undefined;

  constructor(url: string, head: Omit<TransportResponse, "body">, body: AnswerMemory | Buffer) {
    const { status, statusText, headers } = head;
    this.url = url;
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    if (Buffer.isBuffer(body)) {
      this.bytes = body;
      this.#memory = null;
    } else {
      this.bytes = body.bytes;
      this.#memory = body;
    }
  }

  get body(): string {
    return (this.#body ??= textOf(this.bytes));
  }

  retain(more: number): void {
    this.#holders += more;
  }

  release(): void {
    if (this.#memory === null || --this.#holders > 0) return;
    this.bytes = RELEASED;
    const memory = this.#memory;
    this.#memory = null;
    memory.release();
  }
}
