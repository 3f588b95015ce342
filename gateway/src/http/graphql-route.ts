import { Readable } from "node:stream";
import type { ApolloServer, BaseContext } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyInstance } from "fastify";
import { checkAnyRequest, isRecord, type RequestCheck } from "./graphql-request.ts";
import type { Handovers } from "./handover.ts";
import { type JsonParser, readSearchParameter } from "./json-body.ts";
import type { ShortRequests } from "./short-requests.ts";
import type { Arrival } from "./shortcut.ts";
import { refuseSeveralAuthorizations } from "./several-authorizations.ts";
import { Waiting } from "./waiting.ts";

/** Where operations are sent. */
export const graphqlPath = "/graphql";

export interface GraphQLRouteOptions<Context extends BaseContext> {
  /** Started. */
  readonly apollo: ApolloServer<Context>;
  /** Makes the context of an operation; throws or rejects with a GraphQLError to refuse it. */
  readonly createContext: (arrival: Arrival) => Context | Promise<Context>;
  readonly handovers: Handovers<Context>;
  readonly requests: Pick<ShortRequests, "learn">;
  readonly parseJson: JsonParser;
  readonly checkRequest: RequestCheck;
}

/** Adds the long way of operations: through Fastify and Apollo Server. Requests may have begun on the shortcut. */
export function addGraphQLRoute<Context extends BaseContext>(
  app: FastifyInstance,
  options: GraphQLRouteOptions<Context>,
): void {
  const { handovers, requests } = options;
  const ask = fastifyApolloHandler(options.apollo, {
    context: async (request, reply) => {
      const handover = handovers.get(request.raw);
      const known = handover?.context ?? null;
      if (known !== null) return known;
      const refusal = handover?.refusal ?? null;
      if (refusal !== null) throw refusal.error;
      const waiting = new Waiting();
      waiting.join(reply.raw);
      return options.createContext({
        requestId: request.id,
        startedAt: handover?.startedAt ?? performance.now() - reply.elapsedTime,
        headers: request.headers,
        waiting,
      });
    },
  });
  app.route({
    url: graphqlPath,
    method: ["GET", "POST"],
    exposeHeadRoute: false,
    onRequest: refuseSeveralAuthorizations,
    preParsing: async ({ raw }, _reply, payload) => {
      const handover = handovers.get(raw);
      return handover === undefined ? payload : Readable.from([handover.body]);
    },
    preHandler: async ({ method, query, body }) => {
      if (method === "POST") return checkAnyRequest(isRecord(body) ? body : {}, options.checkRequest);
      const search = query as Readonly<Record<string, unknown>>;
      readSearchParameter("extensions", search["extensions"], options.parseJson);
      const variables = readSearchParameter("variables", search["variables"], options.parseJson);
      checkAnyRequest({ query: search["query"], variables }, options.checkRequest);
    },
    handler(request, reply) {
      const answer = handovers.get(request.raw)?.answer;
      if (answer === null || answer === undefined) return ask.call(app, request, reply);
      return reply.type(answer.contentType).send(answer.body);
    },
    onSend: async ({ method, headers }, reply) => {
      const type = reply.getHeader("content-type");
      if (method === "POST" && reply.statusCode === 200 && typeof type === "string")
        requests.learn(headers.accept, type);
    },
  });
}
