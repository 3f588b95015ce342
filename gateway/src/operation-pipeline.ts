import { codedError } from "@tributary/subgraph-kit/errors";
import { GraphQLError, OperationTypeNode } from "graphql";
import type { Authorizer } from "./auth/authorizer.ts";
import type { RequestContext } from "./request-context.ts";
import { explainNulls } from "./subgraphs/explanation.ts";
import { plannedFetchesOf } from "./subgraphs/planned-fetches.ts";
import type { Engine, Execute, ExecutionRequest, ExecutionResult } from "./supergraph/engine.ts";
import type { UsageFile } from "./usage/usage-file.ts";

/** Nothing aborts a mutation: half of one is worse than one that nobody waits for. */
const never = new AbortController().signal;

/**
 * An operation's way through one engine: what the caller may not see is taken out, the rest is planned and run, and
 * what is missing from the answer is explained by errors at the right places.
 *
 * @param count told of each operation before it runs
 */
export function createOperationPipeline(
  engine: Engine,
  authorizer: Authorizer,
  count?: UsageFile["count"],
): Execute {
  return async (request) => {
    const context = request.context as RequestContext;
    const { document, operation } = request;
    if (operation === undefined)
      return {
        errors: [new GraphQLError("The document has no such operation, or several and none was named.")],
      };
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
      return {
        errors: [codedError("BAD_REQUEST", "Subscriptions are not served here.", { httpStatus: 400 })],
      };
    }
    count?.(document, operation, context.client);
    if (operation.operation === OperationTypeNode.MUTATION) context.signal = never;

    let extensions: Record<string, unknown> = {};
    const { data, errors = [] } = await authorizer.run(
      { document, operation, variables: request.request.variables ?? {}, subject: context.identity },
      async (rewritten) => {
        const result = await engine.execute(
          rewritten === null
            ? request
            : ({
                ...request,
                document: rewritten.document,
                operation: rewritten.operation,
                queryHash: rewritten.hash,
              } as ExecutionRequest),
        );
        extensions = result.extensions ?? {};
        return { data: result.data, errors: result.errors };
      },
    );
    if (data === undefined) return { errors };
    const explanations = explainNulls(data, {
      failures: context.failures,
      sent: context.sent,
      plannedFetches: () => plannedFetchesOf(context.plan),
      violations: violationsIn(extensions),
    });
    const all = [...explanations, ...errors];
    return { data, ...(all.length > 0 ? { errors: all } : {}) } as ExecutionResult;
  };
}

/** ApolloGateway tells of nulls and values that the schema does not allow in an extension, and not as errors. */
function violationsIn(extensions: Record<string, unknown>): readonly (readonly (string | number)[])[] {
  const completions = extensions["valueCompletion"];
  if (!Array.isArray(completions)) return [];
  return completions.flatMap((error: unknown) =>
    error instanceof GraphQLError && error.path ? [error.path] : [],
  );
}
