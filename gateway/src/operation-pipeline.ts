import { type Violation, violationsOf } from "@tributary/executor";
import { codedError } from "@tributary/subgraph-kit/errors";
import { GraphQLError, OperationTypeNode } from "graphql";
import type { AuthorizedResult, Authorizer, Rewritten } from "./auth/authorizer.ts";
import type { RequestContext } from "./request-context.ts";
import { createAskedFields } from "./subgraphs/asked-fields.ts";
import { explainNulls } from "./subgraphs/explanation.ts";
import { sortErrors } from "./subgraphs/placed-failures.ts";
import { plannedFetchesOf } from "./subgraphs/planned-fetches.ts";
import type { Engine, Execute, ExecutionRequest, ExecutionResult } from "./supergraph/engine.ts";
import type { UsageFile } from "./usage/usage-file.ts";

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
  const explain = (
    { context, document, operation }: ExecutionRequest,
    { data, errors }: AuthorizedResult,
    violations: readonly Violation[],
  ): ExecutionResult => {
    // Nothing is to be explained, and data may be text: whoever looks into it has it parsed.
    if (errors === undefined && violations.length === 0) return { data } as ExecutionResult;
    if (data === undefined) return { errors: errors ?? [] };
    const { failures, others } = sortErrors(errors ?? []);
    const { plan, responseNames } = (context as RequestContext).resolved ?? {};
    const explanations = explainNulls(data, {
      failures,
      plannedFetches: () => plannedFetchesOf(plan),
      clientName: (name) => responseNames?.get(name) ?? name,
      violations,
      isAsked: createAskedFields(document, operation),
    });
    // Those of types are told by the executor as well, in its own words.
    const found = new Set(violations.map(({ error }) => error));
    const all = [...explanations, ...others.filter((error) => !found.has(error))];
    return { data, ...(all.length > 0 ? { errors: all } : {}) } as ExecutionResult;
  };

  return (request) => {
    const context = request.context as RequestContext;
    if (context.outcome !== undefined) return context.outcome as Promise<ExecutionResult>;
    const { document, operation } = request;
    if (operation === undefined) {
      const message = "The document has no such operation, or several and none was named.";
      return Promise.resolve({ errors: [new GraphQLError(message)] });
    }
    if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
      const refusal = codedError("BAD_REQUEST", "Subscriptions are not served here.", { httpStatus: 400 });
      return Promise.resolve({ errors: [refusal] });
    }
    count?.(document, operation, context.client);
    // Half of a mutation is worse than one that nobody waits for.
    if (operation.operation === OperationTypeNode.MUTATION) context.waiting = null;

    const variables = request.request.variables ?? {};
    const authorized = { document, operation, variables, subject: context.identity };
    if (authorizer.allows(authorized))
      return engine
        .execute(request)
        .then((result) => withPlan(explain(request, result, violationsOf(result)), result));

    let violations: readonly Violation[] = [];
    let executed: ExecutionResult = {};
    const run = async (rewritten: Rewritten | null) => {
      const result = await engine.execute(rewritten === null ? request : rewrite(request, rewritten));
      violations = violationsOf(result);
      return (executed = result);
    };
    return authorizer
      .run(authorized, run)
      .then((result) => withPlan(explain(request, result, violations), executed));
  };
}

/** Keeps the plan that the engine shows to a request that asks for it. */
function withPlan(answer: ExecutionResult, { extensions }: ExecutionResult): ExecutionResult {
  const plan = extensions?.["__queryPlanExperimental"];
  return plan === undefined ? answer : { ...answer, extensions: { __queryPlanExperimental: plan } };
}

function rewrite(request: ExecutionRequest, { document, operation, hash }: Rewritten): ExecutionRequest {
  return { ...request, document, operation, queryHash: hash } as ExecutionRequest;
}
