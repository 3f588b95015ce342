import type { ApolloServerPlugin } from "@apollo/server";
import { codeOf } from "../errors/index.ts";
import { statementsSoFar } from "../statements/statement-count.ts";
import type { SubgraphContext } from "./context.ts";

/**
 * Logs a line for each GraphQL request: the operation's name, how long it took, how many SQL statements it sent, and
 * the codes of its errors. Never variables or tokens: they hold what people would not want in a log.
 */
export function logRequests<Context extends SubgraphContext>(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      const start = performance.now();
      return {
        async willSendResponse({ operationName, response, contextValue }) {
          const errors = response.body.kind === "single" ? response.body.singleResult.errors : undefined;
          contextValue.logger.info(
            {
              operation: operationName ?? "(anonymous)",
              durationMs: Math.round((performance.now() - start) * 10) / 10,
              sqlStatements: statementsSoFar(),
              ...(errors && { errorCodes: errors.map(codeOf) }),
            },
            "request",
          );
        },
      };
    },
  };
}
