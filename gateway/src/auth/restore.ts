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

  const collect = (
    type: GraphQLObjectType,
    set: SelectionSetNode,
    above: boolean,
    fields: Map<string, Selected[]>,
    visited: Set<string>,
  ) => {
    for (const node of set.selections) {
      if (isLeftOut(node)) continue;
      const isDenied = above || denied.has(node);
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const group = fields.get(key);
        if (group === undefined) fields.set(key, [{ node, denied: isDenied }]);
        else group.push({ node, denied: isDenied });
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (node.typeCondition !== undefined && !applies(node.typeCondition.name.value, type)) continue;
        collect(type, node.selectionSet, isDenied, fields, visited);
      } else {
        const visit = `${isDenied}:${node.name.value}`;
        if (visited.has(visit)) continue;
        visited.add(visit);
        const fragment = fragments.get(node.name.value)!;
        if (applies(fragment.typeCondition.name.value, type))
          collect(type, fragment.selectionSet, isDenied, fields, visited);
      }
    }
  };

  /** Null where a field that is not nullable came out null. */
  const completeObject = (
    type: GraphQLObjectType,
    groups: readonly Selected[],
    source: Data,
    path: Path,
  ): Data | null => {
    const fields = new Map<string, Selected[]>();
    const visited = new Set<string>();
    for (const { node, denied: above } of groups) {
      if (node.selectionSet !== undefined) collect(type, node.selectionSet, above, fields, visited);
    }
    return completeFields(type, fields, source, path);
  };
  const completeFields = (
    type: GraphQLObjectType,
    fields: ReadonlyMap<string, readonly Selected[]>,
    source: Data,
    path: Path,
  ): Data | null => {
    const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
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
      let value: unknown = null;
      if (selected.every((each) => each.denied)) options.onDenied(place);
      else value = complete(fieldType, selected, source[key] ?? null, place);
      if (value === null && isNonNullType(fieldType)) broken = true;
      result[key] = value;
    }
    return broken ? null : result;
  };

  const complete = (
    type: GraphQLOutputType,
    selected: readonly Selected[],
    value: unknown,
    path: Path,
  ): unknown => {
    if (value === null || value === undefined) return null;
    if (isNonNullType(type)) return complete(type.ofType, selected, value, path);
    if (isListType(type)) {
      const items = (value as readonly unknown[]).map((item, at) =>
        complete(type.ofType, selected, item, [...path, at]),
      );
      return isNonNullType(type.ofType) && items.includes(null) ? null : items;
    }
    if (isLeafType(type)) return value;
    const object = value as Data;
    const runtimeType = isObjectType(type) ? type : schema.getType(String(object["__typename"]));
    if (!isObjectType(runtimeType) || !options.mayUseType(runtimeType.name)) {
      options.onDenied(path);
      return null;
    }
    return completeObject(runtimeType, selected, object, path);
  };

  const fields = new Map<string, Selected[]>();
  collect(options.rootType, options.selectionSet, false, fields, new Set());
  return completeFields(options.rootType, fields, data, []);
}
