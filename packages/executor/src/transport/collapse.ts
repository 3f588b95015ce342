import { type Dispatch, dispatchOf, type Sender } from "./dispatch.ts";
import type { ResponseReceiver, TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";

/**
 * Sends equal calls that are under way at one time once. Equal is every byte: URL, headers and body; so callers with
 * different credentials never share. For queries only: a mutation that is asked for twice is sent twice.
 *
 * Who leaves is told so at once; the call ends when all have left.
 */
export function collapseEqualCalls<Request extends TransportRequest>(
  transport: Sender<Request>,
): Dispatch<Request> {
  const dispatch = dispatchOf(transport);
  /** By URL and headers, then by body, which is never copied for it. */
  const underWay = new Map<string, Map<string, SharedCall>>();
  return (request, receiver) => {
    const { url, body, signal } = request;
    if (signal?.aborted === true) return receiver.onFailure(new TransportError(url, signal.reason));
    const key = keyOf(request);
    let calls = underWay.get(key);
    if (calls === undefined) underWay.set(key, (calls = new Map<string, SharedCall>()));
    const known = calls.get(body);
    if (known !== undefined) return known.join(request, receiver);
    const own = calls;
    const call = new SharedCall(request, () => {
      own.delete(body);
      if (own.size === 0) underWay.delete(key);
    });
    own.set(body, call);
    call.join(request, receiver);
    dispatch(call.signal === undefined ? request : { ...request, signal: call.signal }, call);
  };
}

/** No two have the same: each part comes behind its length. */
function keyOf({ url, headers }: TransportRequest): string {
  let key = `${url.length} ${url}`;
  for (const name in headers) {
    const value = headers[name] as string;
    key += `${name.length} ${value.length} ${name}${value}`;
  }
  return key;
}

/** A call that is under way, and those who wait for it. */
class SharedCall implements ResponseReceiver {
  readonly #forget: () => void;
  /** Ends the call. There is none where the first to wait is one who never leaves. */
  readonly #controller: AbortController | null;
  readonly #waiting = new Set<Waiter>();
  #forgotten = false;

  constructor({ signal }: TransportRequest, forget: () => void) {
    this.#forget = forget;
    this.#controller = signal === undefined ? null : new AbortController();
  }

  get signal(): AbortSignal | undefined {
    return this.#controller?.signal;
  }

  /** Has one more wait for the answer, or until they leave. */
  join(request: TransportRequest, receiver: ResponseReceiver): void {
    const waiter = new Waiter(this, request, receiver);
    this.#waiting.add(waiter);
    request.signal?.addEventListener("abort", waiter, { once: true });
  }

  leave(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size > 0) return;
    // Whoever comes now must not wait for a call that is ending.
    this.#end();
    this.#controller?.abort(waiter.request.signal?.reason);
  }

  onResponse(response: TransportResponse): void {
    this.#end();
    if (this.#waiting.size > 1) response.retain?.(this.#waiting.size - 1);
    for (const { receiver } of this.#settle()) receiver.onResponse(response);
  }

  onFailure(error: unknown): void {
    this.#end();
    for (const { receiver } of this.#settle()) receiver.onFailure(error);
  }

  /** Nobody can leave any more. */
  #settle(): Iterable<Waiter> {
    for (const waiter of this.#waiting) waiter.request.signal?.removeEventListener("abort", waiter);
    return this.#waiting;
  }

  #end(): void {
    if (this.#forgotten) return;
    this.#forgotten = true;
    this.#forget();
  }
}

/** One who waits for a shared call. */
class Waiter implements EventListenerObject {
  readonly #call: SharedCall;
  readonly request: TransportRequest;
  readonly receiver: ResponseReceiver;

  constructor(call: SharedCall, request: TransportRequest, receiver: ResponseReceiver) {
    this.#call = call;
    this.request = request;
    this.receiver = receiver;
  }

  /** This one leaves. */
  handleEvent(): void {
    this.receiver.onFailure(new TransportError(this.request.url, this.request.signal?.reason));
    this.#call.leave(this);
  }
}
