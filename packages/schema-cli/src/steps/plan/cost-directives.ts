import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  valueFromASTUntyped,
} from "graphql";
import { readLinks } from "../../schema/link.ts";

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

const costFeature = "https://specs.apollo.dev/cost";

/**
 * Reads the directives of a supergraph, whatever its `@link`s call them. The elements asked about have to be of a
 * schema that was made of that SDL by graphql-js.
 * https://www.apollographql.com/docs/graphos/routing/security/demand-control
 */
export function costDirectives(supergraph: DocumentNode): CostDirectives {
  const identityOf = readLinks(supergraph);
  const read = (
    element: { astNode?: { directives?: readonly ConstDirectiveNode[] } | null | undefined },
    name: string,
  ) => {
    const directive = element.astNode?.directives?.find(({ name: { value } }) => {
      const identity = identityOf(value);
      return identity?.feature === costFeature && identity.name === name;
    });
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
      const weight = read(element, "cost")?.weight;
      return typeof weight === "number" ? weight : null;
    },
    listSize: (field) => read(field, "listSize"),
  };
}
