import { Agent, type Dispatcher } from "undici";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";

export interface UndiciTransportOptions {
  /** Connections per origin. @default no bound */
  readonly connections?: number;
  /** Until a connection stands, in milliseconds. @default 5000 */
  readonly connectTimeout?: number;
  /** From the request to the last byte of the answer's headers, in milliseconds. @default 30000 */
  readonly headersTimeout?: number;
  /** Between two pieces of an answer's body, in milliseconds. @default 30000 */
  readonly bodyTimeout?: number;
  /** How long an idle connection is kept, in milliseconds. @default 30000 */
  readonly keepAliveTimeout?: number;
  /** Largest answer, in bytes. @default 100 MiB */
  readonly responseLimitBytes?: number;
}

/**
 * Calls subgraphs by undici's dispatcher: HTTP/1.1, or HTTP/2 where TLS settles on it; connections are kept; one call
 * at a time on each HTTP/1.1 connection, since a slow answer would hold up those behind it.
 */
export function createUndiciTransport(options: UndiciTransportOptions = {}): Transport {
  const { responseLimitBytes = 100 * 1024 * 1024 } = options;
  const agent = new Agent({
    connections: options.connections ?? null,
    connectTimeout: options.connectTimeout ?? 5_000,
    headersTimeout: options.headersTimeout ?? 30_000,
    bodyTimeout: options.bodyTimeout ?? 30_000,
    keepAliveTimeout: options.keepAliveTimeout ?? 30_000,
    pipelining: 1,
    allowH2: true,
  });
  const targets = new Map<string, Target>();

  return {
    send(request) {
      let target = targets.get(request.url);
      if (target === undefined) targets.set(request.url, (target = readTarget(request.url)));
      return dispatch(agent, { ...target, request, responseLimitBytes });
    },
    close: () => agent.close(),
  };
}

interface Target {
  readonly origin: string;
  readonly path: string;
}

interface Dispatch extends Target {
  readonly request: TransportRequest;
  readonly responseLimitBytes: number;
}

function readTarget(url: string): Target {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

function dispatch(
  agent: Agent,
  { origin, path, request, responseLimitBytes }: Dispatch,
): Promise<TransportResponse> {
  const { url, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(new TransportError(url, signal.reason));
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: Omit<TransportResponse, "body"> | undefined;
    let abort: (() => void) | undefined;
    const done = () => {
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    };
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        if (signal === undefined) return;
        abort = () => controller.abort(signal.reason as Error);
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { once: true });
      },
      // oxlint-disable-next-line max-params -- as undici calls it
      onResponseStart(_controller, status, responseHeaders, statusText = "") {
        head = { status, statusText, headers: joined(responseHeaders) };
      },
      onResponseData(controller, chunk) {
        bytes += chunk.length;
        if (bytes > responseLimitBytes) controller.abort(new Error(`more than ${responseLimitBytes} bytes`));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        done();
        if (head === undefined) return reject(new TransportError(url, new Error("no answer")));
        const [first] = chunks;
        const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
        resolve({ ...head, body: whole.toString("utf8") });
      },
      onResponseError(_controller, error) {
        done();
        reject(new TransportError(url, error));
      },
    };
    try {
      agent.dispatch({ origin, path, method: "POST", headers, body }, handler);
    } catch (error) {
      reject(new TransportError(url, error));
    }
  });
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}
