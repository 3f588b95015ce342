import { randomUUID } from "node:crypto";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import { buildSubgraphSchema } from "@apollo/subgraph";
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { parse, type GraphQLError } from "graphql";
import type { ServerConfig } from "../config/subgraph-settings.ts";
import type { OutageWatch } from "../database/outage-watch.ts";
import {
  badUserInput,
  codedError,
  internalServerError,
  keysUnavailable,
  payloadTooLarge,
  unauthenticated,
} from "../errors/index.ts";
import { refuseValuesByField } from "../graphql/refused-values.ts";
import {
  bearerChallenge,
  createIdentityVerifier,
  hasSeveralAuthorizations,
  IdentityError,
  type Identity,
  type KeySet,
} from "../identity/index.ts";
import { countStatements, type StatementCount } from "../statements/statement-count.ts";
import { createApolloServer } from "./apollo.ts";
import type { SubgraphContext } from "./context.ts";
import { openGatewayKeys } from "./gateway-keys.ts";
import { addHealth } from "./health.ts";
import { logRequests } from "./request-log.ts";
import type { Logger } from "./logger.ts";
import { traceparentOf } from "./traceparent.ts";

/** What a subgraph brings with it. */
export interface SubgraphOptions<Context extends SubgraphContext> {
  /** The subgraph's name in the supergraph; tokens must have it as their audience. */
  name: string;
  /** The subgraph's SDL. */
  typeDefs: string;
  /** Resolvers by type and field, `__resolveReference` among them. */
  resolvers: Record<string, unknown>;
  config: ServerConfig;
  logger: Logger;
  /** Makes a request's context: loaders live in it, so that nothing is shared between requests. */
  createContext: (base: SubgraphContext) => Context;
  /** Rejects where the database cannot be used. */
  ready: () => Promise<void>;
  /** Tells errors of a lost database from others, and logs them; without it they are errors like any other. */
  outages?: OutageWatch;
  /** Lets go of the database; called once, after the last request. */
  close: () => Promise<void>;
}

/** A subgraph that listens. */
export interface RunningSubgraph {
  /** Such as `http://127.0.0.1:4001`; GraphQL is at `/graphql` below it. */
  url: string;
  /** Finishes the requests that run, then stops. */
  stop: () => Promise<void>;
}

declare module "fastify" {
  interface FastifyRequest {
    identity: Identity;
    requestId: string;
    statementCount: StatementCount;
  }
}

/** A request id that a log can carry as it is. */
const requestIdPattern = /^[\w.:-]{1,128}$/;

function requestIdOf({ headers }: FastifyRequest): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && requestIdPattern.test(given) ? given : randomUUID();
}

function sendErrors(reply: FastifyReply, status: number, error: GraphQLError): FastifyReply {
  // What is for Apollo Server is none of the client's.
  const { http: _http, ...extensions } = error.extensions;
  return reply
    .code(status)
    .type("application/json; charset=utf-8")
    .send({ errors: [{ message: error.message, extensions }] });
}

/** Turns what is refused before GraphQL sees it into an answer in GraphQL's form. */
function addErrorHandler(
  app: FastifyInstance,
  { config, logger }: { config: ServerConfig; logger: Logger },
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { requestId } = request;
    if (error instanceof IdentityError && error.reason !== "keys-unavailable") {
      const code = error.reason === "missing" ? null : "invalid_token";
      void reply.header("www-authenticate", bearerChallenge(code, error.message));
      return sendErrors(
        reply,
        401,
        unauthenticated(`${error.message} This service answers the gateway alone.`),
      );
    }
    if (error.statusCode === 413) return sendErrors(reply, 413, payloadTooLarge(config.BODY_LIMIT_BYTES));
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return sendErrors(
        reply,
        error.statusCode,
        badUserInput("The request's body is not JSON that can be read."),
      );
    }
    // That keys cannot be read is told once, and not for each request.
    if (error instanceof IdentityError)
      return sendErrors(reply.header("retry-after", "5"), 503, keysUnavailable());
    logger.error({ err: error, requestId }, "a request failed");
    return sendErrors(reply, 500, internalServerError(requestId));
  });
}

async function addGraphql<Context extends SubgraphContext>(
  app: FastifyInstance,
  options: SubgraphOptions<Context>,
  keys: KeySet,
): Promise<void> {
  const { name, logger, createContext } = options;
  const schema = buildSubgraphSchema([
    { typeDefs: parse(options.typeDefs), resolvers: options.resolvers as never },
  ]);
  refuseValuesByField(schema);
  const apollo = createApolloServer<Context>(schema, {
    logger,
    outages: options.outages,
    plugins: [logRequests<Context>()],
  });
  await apollo.start();
  const verifyIdentity = createIdentityVerifier({ keys, audience: name });
  const handler = fastifyApolloHandler(apollo, {
    context: async (request) =>
      createContext({
        identity: request.identity,
        requestId: request.requestId,
        traceparent: traceparentOf(request.headers["traceparent"]),
        logger: logger.child({ requestId: request.requestId }),
      }),
  });
  app.route({
    method: "POST",
    url: "/graphql",
    // Before the body is read: whoever has no token costs us nothing.
    onRequest: async (request, reply) => {
      if (hasSeveralAuthorizations(request.raw.rawHeaders)) {
        const message = "The request has more than one Authorization header.";
        void reply.header("www-authenticate", bearerChallenge("invalid_request", message));
        return sendErrors(reply, 400, codedError("BAD_REQUEST", message));
      }
      request.identity = await verifyIdentity(request.headers.authorization);
    },
    handler: (request, reply) =>
      countStatements(request.statementCount, () => handler.call(app, request as never, reply as never)),
  });
  app.addHook("onClose", () => apollo.stop());
}

/**
 * Starts a subgraph: an HTTP server that answers the gateway, at `/graphql`, and whoever asks after its health.
 *
 * @returns once it listens
 * @throws ConfigError
 */
export async function startSubgraph<Context extends SubgraphContext>(
  options: SubgraphOptions<Context>,
): Promise<RunningSubgraph> {
  const { config, logger } = options;
  const keys = await openGatewayKeys(config.IDENTITY_JWKS, logger);
  const { HEADERS_TIMEOUT_MS: headersTimeout, REQUEST_TIMEOUT_MS: requestTimeout } = config;
  const app = Fastify({
    bodyLimit: config.BODY_LIMIT_BYTES,
    forceCloseConnections: "idle",
    // Names in a client's variables like any other: JSON.parse makes own properties of them, and nobody merges those.
    onProtoPoisoning: "ignore",
    onConstructorPoisoning: "ignore",
    // Fastify itself has no bound for a request that drips.
    requestTimeout,
    http: {
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.min(30_000, Math.ceil(headersTimeout / 4)),
    },
  });
  app.decorateRequest("identity");
  app.decorateRequest("requestId", "");
  app.decorateRequest("statementCount");
  app.addHook("onRequest", async (request, reply) => {
    request.requestId = requestIdOf(request);
    void reply.header("x-request-id", request.requestId);
    request.statementCount = { statements: 0 };
  });
  addErrorHandler(app, options);
  addHealth(app, options);
  await addGraphql(app, options, keys);
  app.addHook("onClose", () => keys.close());
  let stopping: Promise<void> | undefined;
  // A client would keep the connection of its last answer open, and the server would wait for it to be closed.
  app.addHook("onSend", async (_request, reply) => {
    if (stopping) reply.header("connection", "close");
  });
  const url = await app.listen({ port: config.PORT, host: config.HOST });
  logger.info({ url }, "listening");
  process.send?.({ type: "listening", url });
  return { url, stop: () => (stopping ??= app.close().then(options.close)) };
}
