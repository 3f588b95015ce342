import { createTransport } from "./dispatch.ts";
import { createHttp1Transport } from "./http1-transport.ts";
import type { ResponseReceiver, Transport, TransportRequest } from "./transport.ts";
import { createUndiciTransport, type UndiciTransportOptions } from "./undici-transport.ts";

/**
 * Calls each subgraph by what is cheapest for it: by our own HTTP/1.1 where its URL is `http`, and by undici, which has
 * HTTP/2, where it is `https`.
 */
export function createHttpTransport(options: UndiciTransportOptions = {}): Transport {
  const http = createHttp1Transport(options);
  const https = createUndiciTransport(options);
  const dispatch = (request: TransportRequest, receiver: ResponseReceiver): void =>
    (request.url.startsWith("http:") ? http : https).dispatch?.(request, receiver);
  return createTransport(dispatch, async () => {
    await Promise.all([http.close(), https.close()]);
  });
}
