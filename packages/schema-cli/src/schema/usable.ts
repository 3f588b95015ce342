import {
  DirectiveLocation,
  type GraphQLDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLUnionType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from "graphql";

/**
 * Says whether to go on from one thing to a type it leads to: from a field, an argument, an input field, a union or
 * `schema`, by its coordinate.
 */
export type Follow = (coordinate: string, to: string) => boolean;

const known = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

/**
 * The names of the types that an operation can select from, get, send or name in a fragment. What no root leads to is in a
 * schema for introspection alone: no operation has it, so that no change of it breaks one.
 */
export function usableTypes(schema: GraphQLSchema): ReadonlySet<string> {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const usable = reachFromRoots(schema, () => true);
  known.set(schema, usable);
  return usable;
}

/** The usable types, as far as they are followed. */
export function reachFromRoots(schema: GraphQLSchema, follow: Follow): ReadonlySet<string> {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const start: GraphQLNamedType[] = roots.flatMap((root) =>
    root != null && follow("schema", root.name) ? [root] : [],
  );
  for (const directive of schema.getDirectives().filter(isExecutable)) {
    for (const { name, type } of directive.args) {
      const named = getNamedType(type);
      if (follow(`@${directive.name}(${name}:)`, named.name)) start.push(named);
    }
  }
  return reach(schema, start, follow);
}

/** The types that some types lead to, and those themselves. */
export function reach(
  schema: GraphQLSchema,
  start: readonly GraphQLNamedType[],
  follow: Follow = () => true,
): ReadonlySet<string> {
  const found = new Set<string>();
  const unions = unionsByMember(schema);
  const left: GraphQLNamedType[] = [];
  const add = (type: GraphQLNamedType, from: string | null) => {
    if (found.has(type.name) || (from !== null && !follow(from, type.name))) return;
    found.add(type.name);
    left.push(type);
  };
  for (const type of start) add(type, null);
  for (let type = left.pop(); type !== undefined; type = left.pop()) {
    const { name } = type;
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        add(getNamedType(field.type), `${name}.${field.name}`);
        for (const each of field.args) add(getNamedType(each.type), `${name}.${field.name}(${each.name}:)`);
      }
      for (const each of type.getInterfaces()) add(each, null);
    }
    if (isInterfaceType(type)) for (const each of schema.getPossibleTypes(type)) add(each, null);
    if (isUnionType(type)) for (const each of type.getTypes()) add(each, name);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        add(getNamedType(field.type), `${name}.${field.name}`);
      }
    }
    if (!isObjectType(type)) continue;
    // A fragment may name a union wherever one of its members is.
    for (const union of unions.get(name) ?? []) if (follow(union.name, name)) add(union, null);
  }
  return found;
}

const memberships = new WeakMap<GraphQLSchema, ReadonlyMap<string, GraphQLUnionType[]>>();

function unionsByMember(schema: GraphQLSchema): ReadonlyMap<string, GraphQLUnionType[]> {
  const before = memberships.get(schema);
  if (before !== undefined) return before;
  const unions = new Map<string, GraphQLUnionType[]>();
  for (const union of Object.values(schema.getTypeMap()).filter(isUnionType)) {
    for (const { name } of union.getTypes()) unions.set(name, [...(unions.get(name) ?? []), union]);
  }
  memberships.set(schema, unions);
  return unions;
}

const executableLocations: ReadonlySet<string> = new Set([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);

/** Whether a directive may stand at this place of an operation, and not of a schema. */
export function isExecutableLocation(location: string): boolean {
  return executableLocations.has(location);
}

/** Whether an operation can carry a directive. */
export function isExecutable({ locations }: GraphQLDirective): boolean {
  return locations.some(isExecutableLocation);
}
