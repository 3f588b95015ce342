import { Deadlines } from "./http1/deadlines.ts";
import { Http1Call, type Http1Target } from "./http1/http1-call.ts";
import { OriginConnections } from "./http1/origin-connections.ts";
import { requestLine } from "./http1/request-text.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { type HttpTransportOptions, requestFor, transportSettings } from "./transport-options.ts";

/**
 * Calls subgraphs by HTTP/1.1 over plain TCP, for half of what a call by undici costs: no streams, no queues, and one
 * timer for all. Connections are kept, each with one call at a time. For `http` alone.
 */
export function createHttp1Transport(options: HttpTransportOptions = {}): Transport {
  const settings = transportSettings(options);
  const { connectTimeout, headersTimeout, bodyTimeout, keepAliveTimeout } = settings;
  const deadlines = new Deadlines(
    Math.min(...[connectTimeout, headersTimeout, bodyTimeout, keepAliveTimeout].filter((time) => time > 0)),
  );
  const origins = new Map<string, OriginConnections>();
  const targets = new Map<string, Http1Target>();

  const targetOf = (text: string): Http1Target => {
    const url = new URL(text);
    if (url.protocol !== "http:") throw new Error(`This transport has no ${url.protocol}`);
    let connections = origins.get(url.origin);
    if (connections === undefined) {
      origins.set(url.origin, (connections = new OriginConnections(url, settings, deadlines)));
    }
    const target = { requestLine: requestLine(url), connections };
    targets.set(text, target);
    return target;
  };

  return {
    send(request: TransportRequest) {
      return new Promise<TransportResponse>((resolve, reject) => {
        try {
          const target = targets.get(request.url) ?? targetOf(request.url);
          new Http1Call(requestFor(request, settings), target, { resolve, reject }).start();
        } catch (error) {
          reject(new TransportError(request.url, error));
        }
      });
    },
    close: async () => {
      await Promise.all([...origins.values()].map((connections) => connections.close()));
    },
  };
}
