import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  valueFromASTUntyped,
} from "graphql";

/** `@listSize` of a field, as far as it is given. */
export interface ListSize {
  assumedSize?: number;
  slicingArguments?: string[];
  sizedFields?: string[];
}

/** What a supergraph's `@cost` and `@listSize` say of its elements; null where they say nothing. */
export interface CostDirectives {
  cost(element: GraphQLNamedType | GraphQLField<unknown, unknown> | GraphQLArgument): number | null;
  listSize(field: GraphQLField<unknown, unknown>): ListSize | null;
}

const identity = "https://specs.apollo.dev/cost/";

/**
 * Reads the directives of a supergraph, whatever names it imports them under. The elements asked about have to be of a
 * schema that was made of that SDL by graphql-js.
 * https://www.apollographql.com/docs/graphos/routing/security/demand-control
 */
export function costDirectives(supergraph: DocumentNode): CostDirectives {
  const names = namesIn(supergraph);
  const read = (
    element: { astNode?: { directives?: readonly ConstDirectiveNode[] } | null | undefined },
    name: string,
  ) => {
    const directive = element.astNode?.directives?.find((each) => each.name.value === name);
    if (directive === undefined) return null;
    return Object.fromEntries(
      (directive.arguments ?? []).map((argument) => [
        argument.name.value,
        valueFromASTUntyped(argument.value),
      ]),
    );
  };
  return {
    cost(element) {
      const weight = read(element, names.cost)?.weight;
      return typeof weight === "number" ? weight : null;
    },
    listSize: (field) => read(field, names.listSize),
  };
}

/** The names of both directives: `@link(url:, as:, import:)` decides. */
function namesIn({ definitions }: DocumentNode): { cost: string; listSize: string } {
  const names = { cost: "cost", listSize: "cost__listSize" };
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { arguments: given } of definition.directives ?? []) {
      const link = Object.fromEntries(
        (given ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
      ) as { url?: string; as?: string; import?: (string | { name: string; as?: string })[] };
      if (!link.url?.startsWith(identity)) continue;
      const prefix = link.as ?? "cost";
      names.cost = prefix;
      names.listSize = `${prefix}__listSize`;
      for (const item of link.import ?? []) {
        const { name, as } = typeof item === "string" ? { name: item, as: item } : { as: item.name, ...item };
        if (name === "@cost") names.cost = as.slice(1);
        if (name === "@listSize") names.listSize = as.slice(1);
      }
    }
  }
  return names;
}
