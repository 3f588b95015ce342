import { createTransport } from "./dispatch.ts";
import { Deadlines } from "./http1/deadlines.ts";
import { Http1Call } from "./http1/http1-call.ts";
import { OriginConnections } from "./http1/origin-connections.ts";
import { requestLines } from "./http1/request-text.ts";
import { OriginCache } from "./origin-cache.ts";
import type { ResponseReceiver, Transport, TransportRequest } from "./transport.ts";
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
  const origins = new OriginCache(
    (url) => {
      if (url.protocol !== "http:") throw new Error(`This transport has no ${url.protocol}`);
      return new OriginConnections(url, settings, deadlines);
    },
    (url, connections) => ({ requestLines: requestLines(url), connections }),
  );

  const dispatch = (request: TransportRequest, receiver: ResponseReceiver): void => {
    let call: Http1Call;
    try {
      call = new Http1Call(requestFor(request, settings), origins.targetOf(request.url), receiver);
    } catch (error) {
      return receiver.onFailure(new TransportError(request.url, error));
    }
    call.start();
  };
  return createTransport(dispatch, () => origins.close());
}
