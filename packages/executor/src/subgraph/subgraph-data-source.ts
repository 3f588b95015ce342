import type { GraphQLDataSource } from "@apollo/gateway";
import type { GatewayGraphQLRequestContext, GatewayGraphQLResponse } from "@apollo/server-gateway-interface";
import { OperationTypeNode } from "graphql";
import { type BatchableRequest, batchQueries } from "../transport/batch.ts";
import { collapseEqualCalls } from "../transport/collapse.ts";
import { type Dispatch, dispatchOf, promised, type Sender } from "../transport/dispatch.ts";
import { followRedirects } from "../transport/redirects.ts";
import type { ResponseReceiver, Transport, TransportResponse } from "../transport/transport.ts";
import type { BodyCall, BodySource, SentCall } from "./body-source.ts";
import { restrictCachePolicy } from "./cache-hint.ts";
import { readHttpAnswer } from "./http-answer.ts";

export interface SubgraphDataSourceOptions {
  readonly url: string;
  readonly transport: Transport;
  /**
   * Headers for one call, by lower-case name: a token, a request id. Those that are undefined are not sent. What it throws
   * costs the fetch, as if the call had failed.
   *
   * @default none; `content-type` and `accept` are set in any case
   */
  readonly headers?: (
    context: GatewayGraphQLRequestContext,
  ) => Readonly<Record<string, string | undefined>> | undefined;
  /**
   * Ends calls when the client has left. What it throws costs the fetch.
   *
   * @default calls are not ended early
   */
  readonly signal?: (context: GatewayGraphQLRequestContext) => AbortSignal | undefined;
  /** Whether equal queries under way at one time are sent once. @default true */
  readonly collapse?: boolean;
  /**
   * Whether queries that are ready at the same moment for the same request go as one HTTP call, as a list. A subgraph that
   * takes no lists is found out by its first answer, and is asked one by one from then on.
   *
   * @default false
   */
  readonly batch?: boolean;
  /**
   * Whether redirects are followed, as RemoteGraphQLDataSource does: up to 20, with 301, 302 and 303 by a GET without a
   * body, with 307 and 308 by the same POST, mutations included. `authorization`, `cookie` and `proxy-authorization` stay
   * with their origin, and nothing goes from `https` to `http`; other headers go along. Whoever does not trust a subgraph
   * with where the gateway sends requests says false: a redirect is an error then, as any status but 2xx.
   *
   * @default true
   */
  readonly redirects?: boolean;
  /** Whether a subgraph's `cache-control` counts for the whole response. @default true */
  readonly honorSubgraphCacheControlHeader?: boolean;
}

/** A query, and what it is for. */
interface QueryRequest extends BatchableRequest {
  readonly scope: GatewayGraphQLRequestContext;
}

const HEADERS = {
  "content-type": "application/json",
  accept: "*/*",
};

/** A subgraph over HTTP. The fast counterpart of Apollo's RemoteGraphQLDataSource, with hooks in place of a subclass. */
export class SubgraphDataSource implements GraphQLDataSource, BodySource {
  readonly #options: SubgraphDataSourceOptions;
  readonly #send: Transport["send"];
  readonly #dispatch: Dispatch;
  readonly #dispatchQuery: Dispatch<QueryRequest>;

  constructor(options: SubgraphDataSourceOptions) {
    this.#options = options;
    const { collapse = true, batch = false, redirects = true } = options;
    const transport = redirects ? redirecting(options.transport) : options.transport;
    const sender: Sender<QueryRequest> = batch ? { send: batchQueries(transport, noteRefusal) } : transport;
    this.#send = (request) => transport.send(request);
    this.#dispatch = dispatchOf(transport);
    this.#dispatchQuery = collapse ? collapseEqualCalls(sender) : dispatchOf(sender);
  }

  sendBody(call: BodyCall): Promise<TransportResponse> {
    return promised((receiver) => this.dispatchBody(call, receiver));
  }

  dispatchBody({ body, node, context }: BodyCall, receiver: ResponseReceiver): void {
    const { url, honorSubgraphCacheControlHeader } = this.#options;
    const idempotent = node.operationKind === OperationTypeNode.QUERY;
    const request = {
      url,
      headers: this.#headers(context),
      body,
      signal: this.#signal(context),
      idempotent,
      scope: context,
    };
    const told = honorSubgraphCacheControlHeader === false ? receiver : new HintReader(context, receiver);
    if (idempotent) this.#dispatchQuery(request, told);
    else this.#dispatch(request, told);
  }

  async readAnswer({ response }: SentCall): Promise<GatewayGraphQLResponse> {
    return readHttpAnswer(this.#options.url, await response);
  }

  /** For calls of the gateway itself, which have no client, and for data sources that wrap this one. */
  async process(options: Parameters<GraphQLDataSource["process"]>[0]): Promise<GatewayGraphQLResponse> {
    const { url, honorSubgraphCacheControlHeader } = this.#options;
    const { http, ...request } = options.request;
    const context = "incomingRequestContext" in options ? options.incomingRequestContext : undefined;
    // ApolloGateway asks for traces of subgraphs by a header of the request.
    const asked = Object.fromEntries(http?.headers ?? []);
    const own = context === undefined ? HEADERS : this.#headers(context);
    // Whether it is a query is not known here; calls that are not known to be are never shared.
    const response = await this.#send({
      url,
      headers: { ...asked, ...own },
      body: JSON.stringify(request),
      signal: context === undefined ? undefined : this.#signal(context),
      // The gateway itself asks for schemas and health alone.
      idempotent: context === undefined,
    });
    if (context !== undefined && honorSubgraphCacheControlHeader !== false)
      restrictCachePolicy(context, response.headers["cache-control"]);
    return readHttpAnswer(url, response);
  }

  /** @throws what the hook throws, and TypeError where what it gives is none */
  #headers(context: GatewayGraphQLRequestContext): Readonly<Record<string, string>> {
    const { url, headers: hook } = this.#options;
    if (hook === undefined) return HEADERS;
    const given = hook(context);
    if (given instanceof Promise) throw new TypeError(`The headers for ${url} are a promise.`);
    const headers: Record<string, string> = { ...HEADERS };
    for (const name in given) {
      const value: unknown = given[name];
      if (typeof value === "string") headers[name] = value;
      else if (value !== undefined) throw new TypeError(`The header "${name}" for ${url} is no text.`);
    }
    return headers;
  }

  /** @throws what the hook throws, and TypeError where what it gives is none */
  #signal(context: GatewayGraphQLRequestContext): AbortSignal | undefined {
    const signal = this.#options.signal?.(context);
    if (signal == null || typeof signal.addEventListener === "function") return signal ?? undefined;
    throw new TypeError(`The signal for ${this.#options.url} is no AbortSignal.`);
  }
}

/** Takes an answer's `cache-control` into account before it passes the answer on. */
class HintReader implements ResponseReceiver {
  readonly #context: GatewayGraphQLRequestContext;
  readonly #receiver: ResponseReceiver;

  constructor(context: GatewayGraphQLRequestContext, receiver: ResponseReceiver) {
    this.#context = context;
    this.#receiver = receiver;
  }

  onResponse(response: TransportResponse): void {
    restrictCachePolicy(this.#context, response.headers["cache-control"]);
    this.#receiver.onResponse(response);
  }

  onFailure(error: unknown): void {
    this.#receiver.onFailure(error);
  }
}

/** A transport with its redirects followed. */
function redirecting(transport: Transport): Sender {
  const dispatch = followRedirects(transport);
  return { dispatch, send: (request) => promised((receiver) => dispatch(request, receiver)) };
}

function noteRefusal({ url, scope }: BatchableRequest): void {
  const { logger } = scope as GatewayGraphQLRequestContext;
  logger.warn(`The subgraph at ${url} takes no lists of queries. They are sent to it one by one.`);
}
