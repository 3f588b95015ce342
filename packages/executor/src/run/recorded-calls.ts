import { promised } from "../transport/dispatch.ts";
import type { ResponseReceiver, TransportResponse } from "../transport/transport.ts";

/** A call that was sent, and what came of it. */
export class RecordedCall implements ResponseReceiver {
  readonly serviceName: string;
  readonly body: string;
  readonly #receiver: ResponseReceiver;
  #plainBody: string | null = null;
  #response: TransportResponse | null = null;
  #failure: unknown = null;
  #isOver = false;
  #late: ResponseReceiver | null = null;

  /** @param receiver is told what comes of the call */
  constructor(serviceName: string, body: string, receiver: ResponseReceiver) {
    this.serviceName = serviceName;
    this.body = body;
    this.#receiver = receiver;
  }

  /**
   * Tells whether this is the call with a body, as `JSON.stringify` writes it: what was sent has texts and numbers as
   * subgraphs wrote them, such as `"\u00e9"` for `"é"`.
   */
  hasBody(body: string): boolean {
    return this.body === body || (this.#plainBody ??= JSON.stringify(JSON.parse(this.body))) === body;
  }

  onResponse(response: TransportResponse): void {
    // A data source that tells and then throws has told.
    if (this.#isOver) return;
    this.#isOver = true;
    this.#response = response;
    this.#receiver.onResponse(response);
    this.#late?.onResponse(response);
  }

  onFailure(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = error;
    this.#receiver.onFailure(error);
    this.#late?.onFailure(error);
  }

  /** What comes of the call, for one who asks later on; once. */
  outcome(): Promise<TransportResponse> {
    return promised((receiver) => {
      if (!this.#isOver) this.#late = receiver;
      else if (this.#response === null) receiver.onFailure(this.#failure);
      else receiver.onResponse(this.#response);
    });
  }

  /** Gives the memory of the answer back, if it came. Nobody may ask for it any more. */
  release(): void {
    this.#response?.release?.();
  }
}

/** The calls that the fast engine has sent for a request. */
export class RecordedCalls {
  readonly #calls: RecordedCall[] = [];

  add(call: RecordedCall): void {
    this.#calls.push(call);
  }

  /**
   * Takes out what was sent to a subgraph with a body, if it was; the one that was sent first. A mutation may ask again
   * for what it has changed.
   *
   * @param body as `JSON.stringify` writes it
   */
  take(serviceName: string, body: string): Promise<TransportResponse> | undefined {
    const index = this.#calls.findIndex((call) => call.serviceName === serviceName && call.hasBody(body));
    return index === -1 ? undefined : this.#calls.splice(index, 1)[0]?.outcome();
  }

  /** Gives the memory of all answers back, once nobody looks at them any more. */
  release(): void {
    for (const call of this.#calls) call.release();
  }
}
