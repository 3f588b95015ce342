import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  isSpecifiedScalarType,
  isEnumType,
  Kind,
  type SelectionSetNode,
} from "graphql";

type Path = readonly (string | number)[];

/** What the value of one response key must look like. Nullability is left to whoever completes the answer. */
export interface Shape {
  /** How many lists are around the value. */
  readonly lists: number;
  /** The keys of an object; "scalar" for anything but objects and lists; "any" where nothing is known. */
  readonly value: Keys | "scalar" | "any";
}

/** The shapes of an object's response keys. */
export type Keys = ReadonlyMap<string, Shape>;

/**
 * The shape that an operation's data must have. One shape a key is enough, whatever the types of fragments: GraphQL's
 * validation sees to it that one key has one shape ("Field Selection Merging").
 *
 * @param schema the supergraph's; fields that it does not have (`_entities`, keys that are internal) can be anything
 */
export function shapeOf(document: DocumentNode, schema: GraphQLSchema): Keys {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const shape = new Map<string, Shape>();
  if (operation === undefined) return shape;

  const collect = (parent: string | undefined, set: SelectionSetNode, into: Map<string, Shape>) => {
    for (const node of set.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined) collect(fragment.typeCondition.name.value, fragment.selectionSet, into);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        collect(node.typeCondition?.name.value ?? parent, node.selectionSet, into);
      } else {
        const key = node.alias?.value ?? node.name.value;
        const known = into.get(key);
        const { lists, typeName, value } = describe(parent, node.name.value);
        if (node.selectionSet === undefined) {
          into.set(key, { lists, value });
          continue;
        }
        const children =
          known?.value instanceof Map ? (known.value as Map<string, Shape>) : new Map<string, Shape>();
        into.set(key, { lists, value: children });
        collect(typeName, node.selectionSet, children);
      }
    }
  };
  const describe = (
    parent: string | undefined,
    field: string,
  ): { lists: number; typeName?: string; value: "scalar" | "any" } => {
    if (field === "__typename") return { lists: 0, value: "scalar" };
    if (field === "_entities") return { lists: 1, value: "any" };
    const parentType = parent === undefined ? undefined : schema.getType(parent);
    const type =
      isObjectType(parentType) || isInterfaceType(parentType)
        ? parentType.getFields()[field]?.type
        : undefined;
    return type === undefined ? { lists: -1, value: "any" } : unwrap(type);
  };

  collect(schema.getRootType(operation.operation)?.name, operation.selectionSet, shape);
  return shape;
}

function unwrap(type: GraphQLOutputType): { lists: number; typeName: string; value: "scalar" | "any" } {
  let lists = 0;
  let current = getNullableType(type);
  while (isListType(current)) {
    lists += 1;
    current = getNullableType(current.ofType);
  }
  // The values of a custom scalar can be objects and lists themselves.
  const closed = isLeafType(current) && (isSpecifiedScalarType(current) || isEnumType(current));
  return { lists, typeName: current.name, value: closed ? "scalar" : "any" };
}

/**
 * Puts null where data does not have the shape, so that one wrong value does not spoil the whole answer.
 *
 * @param data changed in place
 * @returns the places that were made null
 */
export function fitToShape(data: Record<string, unknown>, shape: Keys): readonly Path[] {
  const misfits: Path[] = [];
  const misfit = (path: Path) => {
    misfits.push(path);
    return null;
  };

  const fitObject = (object: Record<string, unknown>, keys: Keys, path: Path) => {
    for (const [key, each] of keys) {
      const value = object[key];
      if (value === null || value === undefined) continue;
      // Most values are these, and need no path made for them.
      if (each.value === "scalar" && each.lists === 0 && typeof value !== "object") continue;
      object[key] = fit(value, each, [...path, key]);
    }
    return object;
  };
  const fit = (value: unknown, { lists, value: inner }: Shape, path: Path): unknown => {
    if (value === null || value === undefined) return null;
    if (lists < 0) return value;
    if (lists > 0) {
      if (!Array.isArray(value)) return misfit(path);
      const item = { lists: lists - 1, value: inner };
      for (let at = 0; at < value.length; at++) value[at] = fit(value[at], item, [...path, at]);
      return value;
    }
    if (inner === "any") return value;
    const isObject = typeof value === "object";
    if (inner === "scalar") return isObject ? misfit(path) : value;
    if (!isObject || Array.isArray(value)) return misfit(path);
    const object = value as Record<string, unknown>;
    if ("__typename" in object && typeof object["__typename"] !== "string") return misfit(path);
    return fitObject(object, inner, path);
  };

  fitObject(data, shape, []);
  return misfits;
}
