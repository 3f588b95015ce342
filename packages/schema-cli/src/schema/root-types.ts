import { type DocumentNode, Kind, OperationTypeNode } from "graphql";

/** What federation calls the root types in the supergraph, whatever a subgraph calls its own. */
const composedNames: Record<OperationTypeNode, string> = {
  [OperationTypeNode.QUERY]: "Query",
  [OperationTypeNode.MUTATION]: "Mutation",
  [OperationTypeNode.SUBSCRIPTION]: "Subscription",
};

/**
 * Gives the name in the supergraph of a type in a subgraph: the same, but for root types, which a subgraph may call as it
 * likes (`schema { query: RootQ }`) and composition brings to one name.
 */
export function composedTypeName({ definitions }: DocumentNode): (name: string) => string {
  const roots = new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
        ? (definition.operationTypes ?? []).map(
            ({ operation, type }) => [type.name.value, composedNames[operation]] as const,
          )
        : [],
    ),
  );
  return (name) => roots.get(name) ?? name;
}
