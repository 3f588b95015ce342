import { executeSync, type FieldNode, Kind, OperationTypeNode, visit } from "graphql";
import type { Json } from "../json.ts";
import type { Operation } from "./operation.ts";

/** Answers `__schema` or `__type` for a request's variables. */
export type Introspect = (variables: Readonly<Record<string, unknown>>) => Json;

/**
 * Compiles a field of schema introspection. Answered by graphql-js over the schema that clients see; once for all
 * requests where the field holds no variables.
 *
 * @param nodes the selections under one response name
 */
export function compileIntrospection(operation: Operation, nodes: readonly FieldNode[]): Introspect {
  const responseName = nodes[0]?.alias?.value ?? nodes[0]?.name.value ?? "";
  const run: Introspect = (variables) => {
    const { data } = executeSync({
      schema: operation.schema,
      document: {
        kind: Kind.DOCUMENT,
        definitions: [
          {
            kind: Kind.OPERATION_DEFINITION,
            operation: OperationTypeNode.QUERY,
            variableDefinitions: operation.operation.variableDefinitions ?? [],
            selectionSet: { kind: Kind.SELECTION_SET, selections: nodes },
          },
          ...Object.values(operation.fragments),
        ],
      },
      rootValue: {},
      variableValues: variables,
    });
    return (data?.[responseName] ?? null) as Json;
  };
  if (hasVariables(operation)) return run;
  let answer: { readonly value: Json } | undefined;
  return (variables) => (answer ??= { value: run(variables) }).value;
}

function hasVariables({ operation }: Operation): boolean {
  let found = false;
  visit(operation, { Variable: () => void (found = true) });
  return found;
}
