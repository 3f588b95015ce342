import { constants } from "node:zlib";
import type { ApolloServer, BaseContext } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import compress from "@fastify/compress";
import cors from "@fastify/cors";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { addExplorer } from "./explorer.ts";
import { addHealth, type SupergraphStatus } from "./health.ts";
import { addHttpErrors } from "./http-errors.ts";
import { addSecurityHeaders } from "./security-headers.ts";

export interface ServerOptions<Context extends BaseContext> {
  /** Started. */
  readonly apollo: ApolloServer<Context>;
  /** Makes the context of an operation; may throw a GraphQLError to refuse it. */
  readonly createContext: (request: FastifyRequest, reply: FastifyReply) => Promise<Context>;
  /** The id of a request, given its `x-request-id` header. */
  readonly requestIdOf: (header: string | readonly string[] | undefined) => string;
  readonly supergraph: () => SupergraphStatus;
  /** Public keys that subgraphs check identity tokens with; null where there are none. */
  readonly jwks: object | null;
  readonly bodyLimitBytes: number;
  /** Origins whose pages may call; `*` for all; empty for none. */
  readonly corsOrigins: readonly string[];
  /** The operation that the explorer opens with; undefined for no explorer. */
  readonly explorer: { readonly defaultQuery: string | null } | undefined;
  readonly onUnforeseen: (error: Error, request: { readonly requestId: string }) => void;
}

/** Makes the HTTP server: `/graphql`, `/health/*`, `/explorer` and `/.well-known/jwks.json`. */
export async function createServer<Context extends BaseContext>(
  options: ServerOptions<Context>,
): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: options.bodyLimitBytes,
    genReqId: (request) => options.requestIdOf(request.headers["x-request-id"]),
    // Requests that run are finished when the server closes; connections that idle are not waited for.
    forceCloseConnections: "idle",
    return503OnClosing: false,
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  closeConnectionsOnStop(app);
  addSecurityHeaders(app);
  addHttpErrors(app, options.bodyLimitBytes, options.onUnforeseen);
  await app.register(compress, {
    encodings: ["br", "gzip"],
    threshold: 1024,
    // A body that unpacks to more than it weighs would get past the body limit.
    globalDecompression: false,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  });
  if (options.corsOrigins.length > 0) {
    const origin = options.corsOrigins.includes("*") ? "*" : [...options.corsOrigins];
    await app.register(cors, {
      origin,
      methods: ["GET", "POST"],
      exposedHeaders: ["x-request-id"],
      maxAge: 600,
    });
  }

  addHealth(app, options.supergraph);
  if (options.jwks !== null) {
    app.get("/.well-known/jwks.json", (_request, reply) =>
      reply.header("cache-control", "public, max-age=60").send(options.jwks),
    );
  }
  if (options.explorer !== undefined) await addExplorer(app, { endpoint: "/graphql", ...options.explorer });
  app.route({
    url: "/graphql",
    method: ["GET", "POST"],
    handler: fastifyApolloHandler(options.apollo, { context: options.createContext }),
  });
  return app;
}

/** A connection whose request still ran when the server stopped would be kept, and waited for, after its answer. */
function closeConnectionsOnStop(app: FastifyInstance): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    if (stopping) reply.header("connection", "close");
  });
}
