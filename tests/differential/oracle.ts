import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from "graphql";
import type { GeneratedOperation } from "./operations.ts";
import { canonical, type World, type WorldObject } from "./world.ts";

/**
 * What the specification says that an operation gives: graphql-js runs it on the schema that clients see, over the
 * world that the subgraphs tell parts of. It knows nothing of subgraphs and plans.
 */
export function askWorld(
  world: World,
  schema: GraphQLSchema,
  { document, operation }: { readonly document: DocumentNode; readonly operation: GeneratedOperation },
): ExecutionResult {
  const result = execute({
    schema,
    document,
    variableValues: operation.variables,
    ...(operation.operationName === undefined ? {} : { operationName: operation.operationName }),
    contextValue: { world, log: [] },
    fieldResolver: resolveField,
    typeResolver: (value: WorldObject) => value.type,
  });
  if (result instanceof Promise) throw new Error("The world answers at once.");
  return result;
}

interface Context {
  readonly world: World;
  readonly log: string[];
}

// oxlint-disable-next-line max-params -- as graphql-js calls it
const resolveField: GraphQLFieldResolver<WorldObject | undefined, Context, Record<string, unknown>> = (
  source,
  args,
  { world, log },
  { parentType, fieldName },
) => {
  const object = source ?? { type: parentType.name, id: "" };
  if (parentType.name === "Mutation") log.push(`${fieldName}(${canonical(args)})`);
  return world.value(object, fieldName, { args, before: log.join(" ") });
};
