import { operationFromDocument, type Schema } from "@apollo/federation-internals";
import { type ApolloGateway, buildOperationContext, type GraphQLDataSource } from "@apollo/gateway";
import type { QueryPlan, QueryPlanner } from "@apollo/query-planner";
import { GraphQLError, type GraphQLSchema, isInterfaceType } from "graphql";
import { clearNames, type ClearOperation, Completion, originalName } from "./completion.ts";
import { correctExecutor } from "./corrected-stock.ts";
import type { Executor } from "./outcome.ts";
import { requiredFields } from "./subgraph-keys.ts";
import type { SubgraphText } from "./supergraph.ts";

interface Internals {
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly queryPlanner: QueryPlanner;
  readonly serviceMap: Readonly<Record<string, { readonly dataSource: GraphQLDataSource }>>;
}

/**
 * Stock's executor without its known faults, in front of stock's data sources.
 *
 * @param planner plans: ours, which asks for no entity by a key that cannot be resolved
 */
export function createCorrectedStock(
  stock: ApolloGateway,
  planner: ApolloGateway,
  subgraphs: readonly SubgraphText[],
): Executor {
  const required = requiredFields(subgraphs);
  const { schema, apiSchema, supergraphSchema, serviceMap } = stock as unknown as Internals;
  const { queryPlanner } = planner as unknown as Internals;
  const completion = new Completion(schema);
  const services = Object.fromEntries(
    Object.entries(serviceMap).map(([name, { dataSource }]) => [name, dataSource]),
  );
  let current: ClearOperation | undefined;
  const execute = correctExecutor({
    complete: ({ input }) => completion.complete(current as ClearOperation, input),
    isInterface: (type) => isInterfaceType(supergraphSchema.getType(type)),
  });
  const plans = new Map<string, QueryPlan>();

  return async (context) => {
    const document = clearNames(context.document, required);
    const named = context.request.operationName ? { operationName: context.request.operationName } : {};
    current = {
      document,
      variables: context.request.variables ?? {},
      operationName: context.request.operationName,
    };
    let plan = plans.get(context.queryHash);
    if (plan === undefined) {
      plan = queryPlanner.buildQueryPlan(operationFromDocument(apiSchema, document, named));
      plans.set(context.queryHash, plan);
    }
    const operation = buildOperationContext({ schema, operationDocument: document, ...named });
    const result = await execute(
      plan,
      services,
      { ...context, document },
      operation,
      supergraphSchema,
      apiSchema,
    );
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map(withOriginalPath) };
  };
}

/** What a call threw has no path. */
function withOriginalPath(error: GraphQLError): GraphQLError {
  if (!(error instanceof GraphQLError) || error.path === undefined) return error;
  const { message, extensions, path } = error;
  return new GraphQLError(message, { path: path.map(originalName), extensions, originalError: error });
}
