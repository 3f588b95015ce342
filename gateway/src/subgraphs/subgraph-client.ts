import { Agent, type Dispatcher } from "undici";
import { SubgraphError } from "./subgraph-error.ts";

/** An error in a subgraph's answer (GraphQL specification, "Errors"). */
export interface SubgraphResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A subgraph's answer, well formed. */
export interface SubgraphResponse {
  readonly status: number;
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly SubgraphResponseError[];
}

export interface SubgraphClientOptions {
  /** How long a call may take from its first byte to its last, in milliseconds. */
  readonly timeoutMilliseconds: number;
  /** Largest answer that is taken. */
  readonly responseLimitBytes: number;
}

export interface SubgraphCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Sends operations to subgraphs over HTTP, on connections that are kept. */
export interface SubgraphClient {
  /** @throws SubgraphError with the code of what went wrong */
  send(call: SubgraphCall): Promise<SubgraphResponse>;
  /** Waits for running calls, then closes all connections. */
  close(): Promise<void>;
}

export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { timeoutMilliseconds, responseLimitBytes } = options;
  // Times are bounded by the signal, which covers the whole call.
  const agent = new Agent({
    connections: 128,
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMilliseconds },
  });

  return {
    async send({ url, headers, body, signal }) {
      const timeout = AbortSignal.timeout(timeoutMilliseconds);
      try {
        const { origin, pathname, search } = new URL(url);
        const response = await agent.request({
          origin,
          path: pathname + search,
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json", ...headers },
          body,
          signal: AbortSignal.any([timeout, signal]),
        });
        return interpret(response.statusCode, await readBody(response, responseLimitBytes));
      } catch (error) {
        if (error instanceof SubgraphError) throw error;
        if (timeout.aborted) {
          throw new SubgraphError("SUBGRAPH_TIMEOUT", `no answer in ${timeoutMilliseconds} ms`, {
            cause: error,
          });
        }
        throw new SubgraphError("SUBGRAPH_UNAVAILABLE", describe(error), { cause: error });
      }
    },
    close: () => agent.close(),
  };
}

async function readBody({ body, statusCode }: Dispatcher.ResponseData, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop destroys the body, and the connection with it.
    if (length > limitBytes) {
      throw new SubgraphError("SUBGRAPH_INVALID_RESPONSE", `more than ${limitBytes} bytes`, {
        status: statusCode,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Reads an answer. Statuses from 400 to 499 may carry GraphQL errors (GraphQL over HTTP, section 6.4); any other
 * status but 2xx is an HTTP error whatever the body says, and so is 401, which speaks of the gateway's own token.
 */
function interpret(status: number, body: string): SubgraphResponse {
  const ok = status >= 200 && status < 300;
  const httpError = (detail: string) =>
    new SubgraphError("SUBGRAPH_HTTP_ERROR", `HTTP ${status}${detail}`, { status });
  if (!ok && (status < 400 || status >= 500 || status === 401 || status === 403)) throw httpError("");
  const invalid = (detail: string) =>
    ok ? new SubgraphError("SUBGRAPH_INVALID_RESPONSE", detail, { status }) : httpError(`, ${detail}`);

  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw invalid("no JSON");
  }
  if (!isRecord(json)) throw invalid("no JSON object");
  const { data, errors } = json;
  if (data !== undefined && data !== null && !isRecord(data)) throw invalid("data is no object");
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) throw invalid("errors is no list");
  const list = ((errors ?? []) as unknown[]).map(readError);
  if ((data === undefined || data === null) && list.length === 0) throw invalid("neither data nor errors");
  return { status, data: data ?? null, errors: list };
}

function readError(error: unknown): SubgraphResponseError {
  const { message, path, extensions } = isRecord(error) ? error : {};
  return {
    message: typeof message === "string" ? message : "",
    ...(isPath(path) ? { path } : {}),
    ...(isRecord(extensions) ? { extensions } : {}),
  };
}

function isPath(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string" || typeof part === "number");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined ? error.name : code;
}
