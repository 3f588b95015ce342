import type { ContentCoding } from "./content-coding.ts";
import type { TransportRequest } from "./transport.ts";

/** What transports over HTTP can be told. */
export interface HttpTransportOptions {
  /** Connections per origin; further calls wait for one. @default no bound */
  readonly connections?: number;
  /** Until a connection stands, TLS included, in milliseconds. @default 5000 */
  readonly connectTimeout?: number;
  /** From the request to the last byte of the answer's headers, in milliseconds. @default 30000 */
  readonly headersTimeout?: number;
  /** Between two pieces of an answer's body, in milliseconds. @default 30000 */
  readonly bodyTimeout?: number;
  /** How long an idle connection is kept where the subgraph does not say, in milliseconds. @default 30000 */
  readonly keepAliveTimeout?: number;
  /** Largest body of an answer, in bytes, compressed as well as decompressed. @default 100 MiB */
  readonly responseLimitBytes?: number;
  /**
   * Codings that subgraphs are asked to compress answers with, the preferred one first. Answers that are compressed are
   * understood in any case.
   *
   * An answer of 105 KB takes 0.1 ms here to decompress and 0.3 ms there to compress, which is more than it takes to
   * send over 10 Gbit/s, and less than over 1 Gbit/s.
   *
   * @default none
   */
  readonly compression?: readonly ContentCoding[];
}

export type HttpTransportSettings = Required<Omit<HttpTransportOptions, "connections" | "compression">> & {
  readonly connections: number | null;
  /** The value of `accept-encoding`, or null where it is not sent. */
  readonly acceptEncoding: string | null;
};

/** Options with their defaults. */
export function transportSettings(options: HttpTransportOptions): HttpTransportSettings {
  const { compression = [] } = options;
  return {
    connections: options.connections ?? null,
    connectTimeout: options.connectTimeout ?? 5_000,
    headersTimeout: options.headersTimeout ?? 30_000,
    bodyTimeout: options.bodyTimeout ?? 30_000,
    keepAliveTimeout: options.keepAliveTimeout ?? 30_000,
    responseLimitBytes: options.responseLimitBytes ?? 100 * 1024 * 1024,
    acceptEncoding: compression.length === 0 ? null : compression.join(", "),
  };
}

/** A request with what the settings add to it. */
export function requestFor(
  request: TransportRequest,
  { acceptEncoding }: HttpTransportSettings,
): TransportRequest {
  if (acceptEncoding === null) return request;
  return { ...request, headers: { "accept-encoding": acceptEncoding, ...request.headers } };
}
