import { type GraphQLSchema, isInterfaceType } from "graphql";
import { directiveArgument, directivesOf } from "./join-directives.ts";

const known = new WeakMap<GraphQLSchema, ReadonlySet<string> | null>();

/**
 * The interfaces that some subgraph has as objects (`@interfaceObject`); null where there are none.
 *
 * @param supergraphSchema with the directives of the join specification
 */
export function interfaceObjectsOf(supergraphSchema: GraphQLSchema): ReadonlySet<string> | null {
  let names = known.get(supergraphSchema);
  if (names === undefined) known.set(supergraphSchema, (names = find(supergraphSchema)));
  return names;
}

function find(supergraphSchema: GraphQLSchema): ReadonlySet<string> | null {
  const names = Object.values(supergraphSchema.getTypeMap()).flatMap((type) => {
    const directives = isInterfaceType(type) ? directivesOf(type.astNode, "join__type") : [];
    const isObject = directives.some((each) => directiveArgument(each, "isInterfaceObject") === "true");
    return isObject ? [type.name] : [];
  });
  return names.length === 0 ? null : new Set(names);
}
