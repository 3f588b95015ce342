import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import { databaseFaultIn } from "../database/database-fault.ts";
import type { OutageWatch } from "../database/outage-watch.ts";
import {
  codeOf,
  databaseUnavailable,
  internalServerError,
  isCodedError,
  isErrorCode,
} from "../errors/index.ts";
import type { SubgraphContext } from "./context.ts";
import type { Logger } from "./logger.ts";

/** An error that the client may see as it is: made on purpose, or Apollo Server's own about the client's request. */
function isForClients({ extensions }: Pick<GraphQLFormattedError, "extensions">, error: unknown): boolean {
  if (isCodedError(error)) return true;
  const code = extensions?.["code"];
  return isErrorCode(code) && code !== "INTERNAL_SERVER_ERROR";
}

/**
 * Logs what nobody foresaw, with its stack: it is the only place where the stack shows. Of a lost database the watch
 * logs a line, however many fields it costs.
 */
function logUnforeseen<Context extends SubgraphContext>(
  outages: OutageWatch | undefined,
): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, contextValue }) {
          for (const error of errors) {
            if (isForClients(error, error) || !error.originalError) continue;
            if (outages?.note(error.originalError)) continue;
            contextValue.logger.error({ err: error.originalError, path: error.path }, "a resolver failed");
          }
        },
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== "single") return;
          for (const error of response.body.singleResult.errors ?? []) {
            if (codeOf(error) !== "INTERNAL_SERVER_ERROR") continue;
            Object.assign(error, internalServerError(contextValue.requestId, error.path).toJSON());
          }
        },
      };
    },
  };
}

export interface ApolloOptions<Context extends SubgraphContext> {
  readonly logger: Logger;
  readonly outages: OutageWatch | undefined;
  readonly plugins: readonly ApolloServerPlugin<Context>[];
}

/**
 * Makes the Apollo Server of a subgraph. Errors that were not made on purpose reach the gateway as
 * INTERNAL_SERVER_ERROR with the request's id, and nothing else of them.
 */
export function createApolloServer<Context extends SubgraphContext>(
  schema: GraphQLSchema,
  { logger, outages, plugins }: ApolloOptions<Context>,
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    logger,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    // The process stops in an order of its own (see subgraph.ts).
    stopOnTerminationSignals: false,
    // Callers are gateways with tokens, never browsers with cookies.
    csrfPrevention: false,
    formatError(formatted, error) {
      if (isForClients(formatted, error)) return formatted;
      if (outages && databaseFaultIn(error) !== null)
        return { ...formatted, ...databaseUnavailable().toJSON() };
      return {
        ...formatted,
        message: "Internal server error",
        extensions: { code: "INTERNAL_SERVER_ERROR" },
      };
    },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      // It would send timings and field errors to whoever asks for them by a header.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      logUnforeseen<Context>(outages),
      ...plugins,
    ],
  });
}
