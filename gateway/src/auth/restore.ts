import {
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

export type Path = readonly (string | number)[];
type Data = Readonly<Record<string, unknown>>;

export interface RestoreOptions {
  readonly schema: GraphQLSchema;
  readonly rootType: GraphQLObjectType;
  readonly selectionSet: SelectionSetNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced, defaults filled in. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly denied: ReadonlySet<SelectionNode>;
  readonly mayUseType: (typeName: string) => boolean;
  /** Told the place of every field that was denied, in the order of the answer. */
  readonly onDenied: (path: Path) => void;
}

/** A field of the answer: every selection that names it, and whether that selection was denied. */
type Selected = { readonly node: FieldNode; readonly denied: boolean };

/** By response key, in the order of the answer. */
type Fields = Map<string, Selected[]>;

/** Where fields are collected: the fields so far, the fragments seen, and whether all of it was denied from above. */
interface Collected {
  readonly fields: Fields;
  readonly visited: Set<string>;
  readonly denied: boolean;
}

/** A value of the filtered answer, and its place. */
interface Found {
  readonly value: unknown;
  readonly path: Path;
}

/**
 * Puts the answer to the client's own operation together out of the answer to what was left of it: fields in the
 * client's order, null where they were denied. Nulls rise to the nearest nullable parent where a denied field is not
 * nullable (GraphQL specification, "Handling Execution Errors"). An object whose own type the caller may not see is
 * null, whatever was selected of it.
 *
 * @param data of the filtered operation, complete and shaped, with `__typename` on all interfaces and unions
 * @returns the client's data
 */
export function restore(data: Data, options: RestoreOptions): Data | null {
  const { schema, fragments, denied, variables } = options;

  const isLeftOut = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.["if"] === true ||
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.["if"] === false;
  const applies = (condition: string, type: GraphQLObjectType) => {
    if (condition === type.name) return true;
    const conditionType = schema.getType(condition);
    return isAbstractType(conditionType) && schema.isSubType(conditionType, type);
  };

  /** Adds the fields of a selection set that are there for a type to `into`. */
  const collect = (type: GraphQLObjectType, set: SelectionSetNode, into: Collected) => {
    for (const node of set.selections) {
      if (isLeftOut(node)) continue;
      const isDenied = into.denied || denied.has(node);
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const group = into.fields.get(key);
        if (group === undefined) into.fields.set(key, [{ node, denied: isDenied }]);
        else group.push({ node, denied: isDenied });
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (node.typeCondition !== undefined && !applies(node.typeCondition.name.value, type)) continue;
        collect(type, node.selectionSet, { ...into, denied: isDenied });
      } else {
        const visit = `${isDenied}:${node.name.value}`;
        if (into.visited.has(visit)) continue;
        into.visited.add(visit);
        const fragment = fragments.get(node.name.value)!;
        if (!applies(fragment.typeCondition.name.value, type)) continue;
        collect(type, fragment.selectionSet, { ...into, denied: isDenied });
      }
    }
  };

  /** Null where a field that is not nullable came out null. */
  const completeObject = (type: GraphQLObjectType, fields: Fields, { value, path }: Found): Data | null => {
    const source = value as Data;
    const result = Object.create(null) as Record<string, unknown>;
    let broken = false;
    for (const [key, selected] of fields) {
      const name = selected[0]!.node.name.value;
      if (name === "__typename") {
        result[key] = type.name;
        continue;
      }
      if (name.startsWith("__")) {
        result[key] = source[key];
        continue;
      }
      const fieldType = type.getFields()[name]!.type;
      const place = [...path, key];
      result[key] = null;
      if (selected.every((each) => each.denied)) options.onDenied(place);
      else result[key] = complete(fieldType, selected, { value: source[key], path: place });
      broken ||= result[key] === null && isNonNullType(fieldType);
    }
    return broken ? null : result;
  };

  const complete = (
    type: GraphQLOutputType,
    selected: readonly Selected[],
    { value, path }: Found,
  ): unknown => {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return complete(type.ofType, selected, { value, path });
    if (isListType(type)) {
      const items = (value as readonly unknown[]).map((item, at) =>
        complete(type.ofType, selected, { value: item, path: [...path, at] }),
      );
      return isNonNullType(type.ofType) && items.includes(null) ? null : items;
    }
    if (isLeafType(type)) return value;
    const runtimeType = isObjectType(type) ? type : schema.getType(String((value as Data)["__typename"]));
    if (!isObjectType(runtimeType) || !options.mayUseType(runtimeType.name)) {
      options.onDenied(path);
      return null;
    }
    const fields: Fields = new Map();
    const visited = new Set<string>();
    for (const { node, denied: isDenied } of selected) {
      if (node.selectionSet !== undefined) {
        collect(runtimeType, node.selectionSet, { fields, visited, denied: isDenied });
      }
    }
    return completeObject(runtimeType, fields, { value, path });
  };

  const fields: Fields = new Map();
  collect(options.rootType, options.selectionSet, { fields, visited: new Set(), denied: false });
  return completeObject(options.rootType, fields, { value: data, path: [] });
}
