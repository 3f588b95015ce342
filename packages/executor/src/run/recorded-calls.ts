import { promised } from "../transport/dispatch.ts";
import type { ResponseReceiver, TransportResponse } from "../transport/transport.ts";

/** A call that was sent, and what came of it. */
export class RecordedCall implements ResponseReceiver {
  readonly serviceName: string;
  readonly body: string;
  readonly #receiver: ResponseReceiver;
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

  onResponse(response: TransportResponse): void {
    this.#isOver = true;
    this.#response = response;
    this.#receiver.onResponse(response);
    this.#late?.onResponse(response);
  }

  onFailure(error: unknown): void {
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

  /** Takes out what was sent to a subgraph with a body, if it was; the one that was sent last. */
  take(serviceName: string, body: string): Promise<TransportResponse> | undefined {
    const index = this.#calls.findLastIndex((call) => call.serviceName === serviceName && call.body === body);
    return index === -1 ? undefined : this.#calls.splice(index, 1)[0]?.outcome();
  }

  /** Gives the memory of all answers back, once nobody looks at them any more. */
  release(): void {
    for (const call of this.#calls) call.release();
  }
}
