import type { TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { untilLeft } from "./until-left.ts";

/** A transport, or what stands before one. */
interface Sender<Request extends TransportRequest> {
  readonly send: (request: Request) => Promise<TransportResponse>;
}

/**
 * Sends equal calls that are under way at one time once. Equal is every byte: URL, headers and body; so callers with
 * different credentials never share. For queries only: a mutation that is asked for twice is sent twice.
 *
 * Who leaves is told so at once; the call ends when all have left.
 */
export function collapseEqualCalls<Request extends TransportRequest>(
  transport: Sender<Request>,
): Sender<Request>["send"] {
  /** By URL and headers, then by body, which is never copied for it. */
  const underWay = new Map<string, Map<string, SharedCall<Request>>>();
  return (request) => {
    const { body, signal } = request;
    if (signal?.aborted === true) return Promise.reject(new TransportError(request.url, signal.reason));
    const key = keyOf(request);
    const calls = underWay.get(key) ?? new Map<string, SharedCall<Request>>();
    let call = calls.get(body);
    if (call === undefined) {
      call = new SharedCall(transport, request, () => {
        calls.delete(body);
        if (calls.size === 0) underWay.delete(key);
      });
      calls.set(body, call);
      underWay.set(key, calls);
    }
    return call.join(request);
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
class SharedCall<Request extends TransportRequest> {
  readonly #answer: Promise<TransportResponse>;
  readonly #forget: () => void;
  /** Ends the call. There is none where the first to wait is one who never leaves. */
  readonly #controller: AbortController | null;
  #waiting = 0;
  #forgotten = false;

  constructor(transport: Sender<Request>, request: Request, forget: () => void) {
    this.#forget = forget;
    this.#controller = request.signal === undefined ? null : new AbortController();
    const sent = transport.send({ ...request, signal: this.#controller?.signal });
    this.#answer = sent.finally(() => this.#end());
  }

  /** Waits for the answer, or until this one of those who wait leaves. */
  join(request: TransportRequest): Promise<TransportResponse> {
    this.#waiting++;
    return untilLeft(this.#answer, request, (reason) => {
      if (--this.#waiting > 0) return;
      // Whoever comes now must not wait for a call that is ending.
      this.#end();
      this.#controller?.abort(reason);
    });
  }

  #end(): void {
    if (this.#forgotten) return;
    this.#forgotten = true;
    this.#forget();
  }
}
