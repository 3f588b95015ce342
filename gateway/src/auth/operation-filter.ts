import {
  __Schema,
  __Type,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Permissions } from "./permissions.ts";

/** An operation of a document that is valid for the schema. */
export interface ClientOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** What is left of an operation when all that the caller may not see is taken out. */
export interface FilteredOperation {
  /** The document to run; null where nothing is left to run. The same object where nothing was taken out. */
  readonly document: DocumentNode | null;
  /** The fields and fragments of the client's document that were taken out, with all that is below them. */
  readonly denied: ReadonlySet<SelectionNode>;
  /** True where an object of a type that the caller may not see can come back at run time. */
  readonly checksTypes: boolean;
}

const introspectedTypes: Readonly<Record<string, GraphQLNamedType>> = { __schema: __Schema, __type: __Type };

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };

/**
 * Takes the fields and fragments out of an operation that the caller may not see. A selection set that loses all of
 * its fields asks for `__typename` instead, so that whether the object is there can still be told. Selections on
 * interfaces and unions ask for `__typename` too: what comes back is put together by it.
 *
 * @param schema what clients see
 */
export function filterOperation(
  schema: GraphQLSchema,
  { document, operation }: ClientOperation,
  permissions: Permissions,
): FilteredOperation {
  const denied = new Set<SelectionNode>();
  let checksTypes = false;
  const definitions = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const fragments = new Map<string, FragmentDefinitionNode | "denied" | "empty">();

  const filterSelections = (parent: GraphQLNamedType, set: SelectionSetNode): SelectionNode[] =>
    set.selections.flatMap((selection): SelectionNode[] => {
      switch (selection.kind) {
        case Kind.FIELD:
          return filterField(parent, selection);
        case Kind.INLINE_FRAGMENT:
          return filterInlineFragment(parent, selection);
        case Kind.FRAGMENT_SPREAD: {
          const fragment = filterFragment(selection.name.value);
          if (fragment === "denied") denied.add(selection);
          return typeof fragment === "string" ? [] : [selection];
        }
      }
    });

  const filterField = (parent: GraphQLNamedType, field: FieldNode): SelectionNode[] => {
    const name = field.name.value;
    // Nothing of introspection is denied, but the fragments that are used there have to stay.
    const introspected = introspectedTypes[name];
    if (introspected !== undefined && field.selectionSet !== undefined)
      return [withSelections(field, filterSelections(introspected, field.selectionSet))];
    if (name.startsWith("__")) return [field];
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (definition === undefined || !permissions.mayUseField(parent, name)) {
      denied.add(field);
      return [];
    }
    if (field.selectionSet === undefined) return [field];
    const type = getNamedType(definition.type);
    const selections = filterSelections(type, field.selectionSet);
    if (isAbstractType(type)) {
      checksTypes ||= schema
        .getPossibleTypes(type)
        .some((possible) => !permissions.mayUseType(possible.name));
    }
    const needsTypename = isAbstractType(type) || selections.length === 0;
    return [withSelections(field, needsTypename ? [typename, ...selections] : selections)];
  };

  const filterInlineFragment = (parent: GraphQLNamedType, fragment: InlineFragmentNode): SelectionNode[] => {
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && !permissions.mayUseType(condition)) {
      denied.add(fragment);
      return [];
    }
    const type = condition === undefined ? parent : schema.getType(condition)!;
    const selections = filterSelections(type, fragment.selectionSet);
    return selections.length === 0 ? [] : [withSelections(fragment, selections)];
  };

  const filterFragment = (name: string): FragmentDefinitionNode | "denied" | "empty" => {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    const fragment = definitions.get(name)!;
    const condition = fragment.typeCondition.name.value;
    let filtered: FragmentDefinitionNode | "denied" | "empty" = "denied";
    if (permissions.mayUseType(condition)) {
      const selections = filterSelections(schema.getType(condition)!, fragment.selectionSet);
      filtered = selections.length === 0 ? "empty" : withSelections(fragment, selections);
    }
    fragments.set(name, filtered);
    return filtered;
  };

  const root = schema.getRootType(operation.operation)!;
  const selections = filterSelections(root, operation.selectionSet);
  if (denied.size === 0 && !checksTypes) return { document, denied, checksTypes };
  if (selections.length === 0) return { document: null, denied, checksTypes };
  return {
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        withSelections(operation, selections),
        ...[...fragments.values()].filter((fragment) => typeof fragment !== "string"),
      ],
    },
    denied,
    checksTypes,
  };
}

function withSelections<Node extends { readonly selectionSet?: SelectionSetNode | undefined }>(
  node: Node,
  selections: SelectionNode[],
): Node {
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}
