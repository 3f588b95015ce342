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
  /** By URL, headers and length of the body; bodies, which are long, are compared where all of that is equal. */
  const underWay = new Map<string, SharedCall>();
  const forget = (call: SharedCall) => {
    const first = underWay.get(call.key);
    if (first !== call) unlink(first, call);
    else if (call.next === null) underWay.delete(call.key);
    else underWay.set(call.key, call.next);
  };
  return (request, receiver) => {
    const { url, body, signal } = request;
    if (signal?.aborted === true) return receiver.onFailure(new TransportError(url, signal.reason));
    const key = keyOf(request);
    const first = underWay.get(key) ?? null;
    for (let known = first; known !== null; known = known.next)
      if (known.body === body) return known.join(request, receiver);
    const call = new SharedCall(request, { key, next: first, forget });
    underWay.set(key, call);
    call.join(request, receiver);
    dispatch(call.signal === undefined ? request : { ...request, signal: call.signal }, call);
  };
}

/** Two that have the same differ in their bodies alone: each part comes behind its length. */
function keyOf({ url, headers, body }: TransportRequest): string {
  let key = `${body.length} ${url.length} ${url}`;
  for (const name in headers) {
    const value = headers[name] as string;
    key += `${name.length} ${value.length} ${name}${value}`;
  }
  return key;
}

/** Where a shared call stands among the others. */
interface Standing {
  readonly key: string;
  readonly next: SharedCall | null;
  readonly forget: (call: SharedCall) => void;
}

/** A call that is under way, and those who wait for it. */
class SharedCall implements ResponseReceiver {
  readonly key: string;
  readonly body: string;
  /** Another one with the same key. */
  next: SharedCall | null;
  readonly #forget: Standing["forget"];
  /** Ends the call. There is none where the first to wait is one who never leaves. */
  readonly #controller: AbortController | null;
  /** Mostly there is but one. */
  readonly #waiting: Waiter[] = [];
  #forgotten = false;

  constructor({ body, signal }: TransportRequest, { key, next, forget }: Standing) {
    this.key = key;
    this.body = body;
    this.next = next;
    this.#forget = forget;
    this.#controller = signal === undefined ? null : new AbortController();
  }

  get signal(): AbortSignal | undefined {
    return this.#controller?.signal;
  }

  /** Has one more wait for the answer, or until they leave. */
  join(request: TransportRequest, receiver: ResponseReceiver): void {
    const waiter = new Waiter(this, request, receiver);
    this.#waiting.push(waiter);
    request.signal?.addEventListener("abort", waiter, { once: true });
  }

  leave(waiter: Waiter): void {
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    if (this.#waiting.length > 0) return;
    // Whoever comes now must not wait for a call that is ending.
    this.#end();
    this.#controller?.abort(waiter.request.signal?.reason);
  }

  onResponse(response: TransportResponse): void {
    this.#end();
    if (this.#waiting.length > 1) response.retain?.(this.#waiting.length - 1);
    for (const { receiver } of this.#settle()) receiver.onResponse(response);
  }

  onFailure(error: unknown): void {
    this.#end();
    for (const { receiver } of this.#settle()) receiver.onFailure(error);
  }

  /** Nobody can leave any more. */
  #settle(): readonly Waiter[] {
    for (const waiter of this.#waiting) waiter.request.signal?.removeEventListener("abort", waiter);
    return this.#waiting;
  }

  #end(): void {
    if (this.#forgotten) return;
    this.#forgotten = true;
    this.#forget(this);
  }
}

/** Takes a call out of those that are behind another one. */
function unlink(first: SharedCall | undefined, call: SharedCall): void {
  let before = first;
  while (before !== undefined && before.next !== call) before = before.next ?? undefined;
  if (before !== undefined) before.next = call.next;
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
