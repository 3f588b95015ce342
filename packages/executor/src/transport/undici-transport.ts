import type { ConnectionOptions } from "node:tls";
import { buildConnector, Pool } from "undici";
import { createTransport } from "./dispatch.ts";
import { OriginCache } from "./origin-cache.ts";
import type { ResponseReceiver, Transport, TransportRequest } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import {
  type HttpTransportOptions,
  requestFor,
  type HttpTransportSettings,
  transportSettings,
} from "./transport-options.ts";
import { UndiciCall, type UndiciTarget } from "./undici-call.ts";

export interface UndiciTransportOptions extends HttpTransportOptions {
  /** Whose certificates are trusted, and the one to show, in place of Node's defaults. For `https` alone. */
  readonly tls?: Pick<ConnectionOptions, "ca" | "cert" | "key" | "passphrase" | "servername">;
}

/**
 * Calls subgraphs by undici: HTTP/2 where TLS settles on it, else HTTP/1.1; connections are kept; one call at a time on
 * each HTTP/1.1 connection, since a slow answer would hold up those behind it.
 */
export function createUndiciTransport(options: UndiciTransportOptions = {}): Transport {
  const settings = transportSettings(options);
  const origins = new OriginCache(
    ({ origin }) => new OriginPools(origin, settings, options.tls),
    ({ pathname, search }, pools): UndiciTarget => ({
      path: pathname + search,
      pool: pools.kept,
      freshPool: () => pools.fresh,
      responseLimitBytes: settings.responseLimitBytes,
    }),
  );
  let closing: Promise<void> | undefined;

  const dispatch = (request: TransportRequest, receiver: ResponseReceiver): void => {
    let call: UndiciCall;
    try {
      call = new UndiciCall(requestFor(request, settings), origins.targetOf(request.url), receiver);
    } catch (error) {
      return receiver.onFailure(new TransportError(request.url, error));
    }
    call.start();
  };
  return createTransport(dispatch, () => (closing ??= origins.close()));
}

/** The connections to one origin. */
class OriginPools {
  readonly kept: Pool;
  readonly #makeFresh: () => Pool;
  #fresh: Pool | null = null;

  constructor(origin: string, settings: HttpTransportSettings, tls: UndiciTransportOptions["tls"]) {
    const { connections, connectTimeout, headersTimeout, bodyTimeout, keepAliveTimeout } = settings;
    const options: Pool.Options = {
      connections,
      headersTimeout,
      bodyTimeout,
      keepAliveTimeout,
      connect: buildConnector({ ...tls, timeout: connectTimeout, allowH2: true, preferH2: true }),
    };
    this.kept = new Pool(origin, { ...options, pipelining: 1 });
    // Without pipelining, undici keeps no connection.
    this.#makeFresh = () => new Pool(origin, { ...options, pipelining: 0 });
  }

  get fresh(): Pool {
    return (this.#fresh ??= this.#makeFresh());
  }

  async close(): Promise<void> {
    await Promise.all([this.kept.close(), this.#fresh?.close()]);
  }
}
