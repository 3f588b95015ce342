import type { Schema } from "@apollo/federation-internals";
import type { ApolloGateway, GatewayConfig, GraphQLDataSource } from "@apollo/gateway";
import {
  type ASTNode,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  isInterfaceType,
  Kind,
  visit,
} from "graphql";
import { type ClearOperation, Completion, originalName } from "./completion.ts";
import { correctExecutor } from "./corrected-stock.ts";
import { correctPlan } from "./corrected-plan.ts";
import type { Executor } from "./outcome.ts";
import { readKeys } from "./subgraph-keys.ts";
import type { SubgraphText } from "./supergraph.ts";

interface Internals {
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly serviceMap: Readonly<Record<string, { readonly dataSource: GraphQLDataSource }>>;
}

/** A plan with the operation that it is for. */
export type Resolved = Pick<
  Parameters<NonNullable<GatewayConfig["experimental_didResolveQueryPlan"]>>[0],
  "queryPlan" | "operationContext"
>;

/**
 * Stock's executor without its known faults, in front of stock's data sources.
 *
 * @param resolved gives the plan of the operation that is to be run: ours, which knows how to word operations so that
 * plans are right. Whether it does is for the cases where nothing goes wrong to tell.
 */
export function createCorrectedStock(
  stock: ApolloGateway,
  subgraphs: readonly SubgraphText[],
  resolved: () => Resolved,
): Executor {
  const { schema, apiSchema, supergraphSchema, serviceMap } = stock as unknown as Internals;
  const completion = new Completion(schema);
  const keys = new Map(subgraphs.map(({ name, sdl }) => [name, readKeys(sdl)]));
  const services = Object.fromEntries(
    Object.entries(serviceMap).map(([name, { dataSource }]) => [name, dataSource]),
  );
  let current: ClearOperation | undefined;
  const execute = correctExecutor({
    complete: ({ input }, missing) =>
      completion.complete(current as ClearOperation, { data: input, missing }),
    isInterface: (type) => isInterfaceType(supergraphSchema.getType(type)),
  });

  return async (context) => {
    const { queryPlan, operationContext: marked } = resolved();
    const operation = withoutMarks(marked.operation);
    const fragments = Object.fromEntries(
      Object.entries(marked.fragments).map(([name, fragment]) => [name, withoutMarks(fragment)]),
    );
    const operationContext = { ...marked, operation, fragments };
    const { variableDefinitions = [] } = operation;
    const variables = getVariableValues(schema, variableDefinitions, context.request.variables ?? {});
    const plan = correctPlan(queryPlan, keys, {
      variables: variables.coerced ?? {},
      definitions: variableDefinitions,
    });
    const document = {
      kind: Kind.DOCUMENT,
      definitions: [operation, ...Object.values(fragments)],
    } as const;
    current = { document, variables: context.request.variables ?? {} };
    const request = { ...context, document };
    const result = await execute(plan, services, request, operationContext, supergraphSchema, apiSchema);
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map(withOriginalPath) };
  };
}

/** Ours marks fields whose arguments cannot be had; graphql-js finds them out by itself. */
function withoutMarks<Node extends ASTNode>(node: Node): Node {
  return visit(node, {
    Directive: ({ name }) => (name.value === "tributary__refused" ? null : undefined),
  });
}

/** What a call threw has no path. */
function withOriginalPath(error: GraphQLError): GraphQLError {
  if (!(error instanceof GraphQLError) || error.path === undefined) return error;
  const { message, extensions, path } = error;
  return new GraphQLError(message, { path: path.map(originalName), extensions, originalError: error });
}
