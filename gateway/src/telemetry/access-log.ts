import type { ApolloServerPlugin } from "@apollo/server";
import type { OperationDefinitionNode } from "graphql";
import type { Logger } from "pino";

/** One call of a subgraph, as far as the log tells of it. */
export interface LoggedCall {
  readonly service: string;
  readonly durationMs: number;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** Code of the error that the call came to, if any. */
  readonly code?: string | undefined;
}

/** What the log needs to know of a request. */
export interface LoggedRequest {
  readonly requestId: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  readonly subgraphCalls: readonly LoggedCall[];
}

/** An operation that was answered with data and without errors. */
export interface LoggedAnswer<Context> {
  readonly context: Context;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  /** The id of the request whose answer this one shares: subgraphs were called for that one. */
  readonly sharedWith: string | null;
}

/** The log, for operations that go through Apollo Server, and for answers given without it. */
export interface AccessLog {
  readonly plugin: ApolloServerPlugin<LoggedRequest>;
  readonly onShortAnswer: (answer: LoggedAnswer<LoggedRequest>) => void;
}

/**
 * Writes one line for each operation: its name, how long it took, the HTTP status, the codes of its errors and the
 * calls of subgraphs. Tokens, variables and the text of the operation are never written.
 */
export function createAccessLog(logger: Logger): AccessLog {
  return {
    plugin: {
      async requestDidStart({ contextValue: request }) {
        return {
          async willSendResponse({ operationName, operation, response }) {
            const body = response.body;
            const errors = body.kind === "single" ? (body.singleResult.errors ?? []) : [];
            logger.info(
              {
                requestId: request.requestId,
                operation: operationName ?? null,
                type: operation?.operation ?? null,
                durationMs: round(performance.now() - request.startedAt),
                status: response.http.status ?? 200,
                errorCodes: [...new Set(errors.map((error) => String(error.extensions?.["code"])))],
                errors: errors.length,
                subgraphCalls: request.subgraphCalls,
              },
              "request",
            );
          },
        };
      },
    },
    onShortAnswer({ context, operation, operationName, sharedWith }) {
      if (!logger.isLevelEnabled("info")) return;
      logger.info(
        {
          requestId: context.requestId,
          operation: operationName,
          type: operation.operation,
          durationMs: round(performance.now() - context.startedAt),
          status: 200,
          errorCodes: [],
          errors: 0,
          subgraphCalls: context.subgraphCalls,
          ...(sharedWith === null ? {} : { sharedWith }),
        },
        "request",
      );
    },
  };
}

/** To a hundredth of a millisecond. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
