import { createServer as createHttpServer } from "node:http";
import type { ApolloServer, BaseContext } from "@apollo/server";
import compress from "@fastify/compress";
import cors from "@fastify/cors";
import Fastify, { type FastifyInstance } from "fastify";
import { compression } from "./compression.ts";
import {
  type BoundedConnections,
  boundConnections,
  boundOptions,
  type ConnectionBounds,
} from "./connection-bounds.ts";
import { listenDirectly } from "./direct/direct-listener.ts";
import { addExplorer } from "./explorer.ts";
import { addGraphQLRoute, graphqlPath } from "./graphql-route.ts";
import type { RequestCheck } from "./graphql-request.ts";
import type { Handovers } from "./handover.ts";
import { addHealth, type Readiness } from "./health.ts";
import { addHttpErrors, refuseUrl } from "./http-errors.ts";
import { allowSandbox } from "./sandbox.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { addJsonBodies, createJsonParser } from "./json-body.ts";
import { createShortRequests } from "./short-requests.ts";
import { type Arrival, createShortcut, type FrontContext, type ShortcutOptions } from "./shortcut.ts";

export interface ServerOptions<Context extends BaseContext & FrontContext> {
  /** Started. */
  readonly apollo: ApolloServer<Context>;
  /** Makes the context of an operation; throws or rejects with a GraphQLError to refuse it. */
  readonly createContext: (arrival: Arrival) => Context | Promise<Context>;
  /** Null where every operation is to go through Apollo Server. */
  readonly shortcut: Omit<ShortcutOptions<Context>, "createContext" | "checkRequest"> | null;
  readonly checkRequest: RequestCheck;
  /** The id of a request, given its `x-request-id` header. */
  readonly requestIdOf: (header: string | readonly string[] | undefined) => string;
  readonly readiness: () => Readiness;
  /** Public keys that subgraphs check identity tokens with; null where there are none. */
  readonly jwks: object | null;
  readonly bodyLimitBytes: number;
  readonly bounds: ConnectionBounds;
  /** Origins whose pages may call; `*` for all; empty for none. */
  readonly corsOrigins: readonly string[];
  /** The operation that the explorer opens with; undefined for no explorer. */
  readonly explorer: { readonly defaultQuery: string | null } | undefined;
  readonly onUnforeseen: (error: Error, request: { readonly requestId: string }) => void;
}

/** Makes the HTTP server: `/graphql`, `/health/*`, `/explorer` and `/.well-known/jwks.json`. */
export async function createServer<Context extends BaseContext & FrontContext>(
  options: ServerOptions<Context>,
): Promise<FastifyInstance> {
  const { requestIdOf, corsOrigins, createContext, checkRequest } = options;
  const handovers: Handovers<Context> = new WeakMap();
  const requests = createShortRequests({
    path: graphqlPath,
    bodyLimitBytes: options.bodyLimitBytes,
    hasCors: corsOrigins.length > 0,
  });
  let stopping = false;
  let connections: BoundedConnections | undefined;
  const shortcut =
    options.shortcut === null
      ? null
      : createShortcut(
          { ...options.shortcut, createContext, checkRequest },
          {
            requests,
            handovers,
            requestIdOf,
            parseJson: (text) => parseJson(text),
            isStopping: () => stopping,
            onUnforeseen: options.onUnforeseen,
          },
        );
  const app: FastifyInstance = Fastify({
    bodyLimit: options.bodyLimitBytes,
    frameworkErrors: refuseUrl,
    genReqId: (request) => handovers.get(request)?.requestId ?? requestIdOf(request.headers["x-request-id"]),
    // Requests that run are finished when the server closes; connections that idle are not waited for.
    forceCloseConnections: "idle",
    return503OnClosing: false,
    serverFactory(longWay) {
      const server = createHttpServer(boundOptions(options.bounds));
      connections = boundConnections(server, options.bounds);
      if (shortcut === null) return server.on("connection", connections.track).on("request", longWay);
      const goOn = listenDirectly(server, {
        path: graphqlPath,
        bounds: options.bounds,
        onGivenAway: connections.track,
        longWay,
        contentTypeFor: (request) => (stopping ? null : requests.contentTypeFor(request)),
        requestIdOf,
        enter: shortcut.enter,
        isStopping: () => stopping,
        handovers,
      });
      return server.on("request", (request, response) => {
        if (!goOn(request, response)) shortcut.take(request, response, longWay);
      });
    },
  });
  app.addHook("preClose", async () => {
    stopping = true;
    connections?.closeUnfinished();
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onSend", async (_request, reply) => {
    // A connection whose request still ran when the server stopped would be kept, and waited for, after its answer.
    if (stopping) reply.header("connection", "close");
  });
  // Before what answers requests that no route takes, as preflights are.
  if (options.explorer !== undefined) allowSandbox(app);
  const parseJson = createJsonParser(app);
  addJsonBodies(app, parseJson);
  addSecurityHeaders(app);
  addHttpErrors(app, options.bodyLimitBytes, options.onUnforeseen);
  await app.register(compress, compression);
  if (corsOrigins.length > 0) {
    const origin = corsOrigins.includes("*") ? "*" : [...corsOrigins];
    await app.register(cors, {
      origin,
      methods: ["GET", "POST"],
      exposedHeaders: ["x-request-id"],
      maxAge: 600,
    });
  }

  addHealth(app, options.readiness);
  if (options.jwks !== null) {
    app.get("/.well-known/jwks.json", (_request, reply) =>
      reply.header("cache-control", "public, max-age=60").send(options.jwks),
    );
  }
  if (options.explorer !== undefined) await addExplorer(app, { endpoint: graphqlPath, ...options.explorer });
  const { apollo } = options;
  addGraphQLRoute(app, { apollo, createContext, handovers, requests, parseJson, checkRequest });
  return app;
}
