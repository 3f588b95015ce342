import { createHttp1Transport } from "./http1-transport.ts";
import type { Transport } from "./transport.ts";
import { createUndiciTransport, type UndiciTransportOptions } from "./undici-transport.ts";

/**
 * Calls each subgraph by what is cheapest for it: by our own HTTP/1.1 where its URL is `http`, and by undici, which has
 * HTTP/2, where it is `https`.
 */
export function createHttpTransport(options: UndiciTransportOptions = {}): Transport {
  const http = createHttp1Transport(options);
  const https = createUndiciTransport(options);
  return {
    send: (request) => (request.url.startsWith("http:") ? http : https).send(request),
    close: async () => {
      await Promise.all([http.close(), https.close()]);
    },
  };
}
