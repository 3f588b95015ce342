import { type FieldNode, type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from "graphql";

/** Planners give fields that would clash another alias and rename them afterwards. */
const plannerAlias = /__alias_\d+$/;

/** The response keys that a fetch is to bring. */
export interface FetchKeys {
  /** True for a fetch of entities. */
  readonly isOfEntities: boolean;
  /** For a fetch of root fields: the keys at the root. */
  readonly root: readonly string[];
  /** For a fetch of entities: the keys of an entity of that type. */
  ofEntity(typeName: string): readonly string[];
}

/** Reads the keys that an operation of a plan asks for, without `__typename`. */
export function readFetchKeys(operationText: string): FetchKeys {
  const document = parse(operationText, { noLocation: true });
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);

  const fieldsOf = (set: SelectionSetNode | undefined, typeName: string | null): FieldNode[] =>
    (set?.selections ?? []).flatMap((node) => {
      if (node.kind === Kind.FIELD) return node;
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
      const condition = fragment?.typeCondition?.name.value;
      const applies = typeName === null || condition === undefined || condition === typeName;
      return applies ? fieldsOf(fragment?.selectionSet, null) : [];
    });
  const keysOf = (fields: readonly FieldNode[]) => [
    ...new Set(
      fields
        .filter((field) => field.name.value !== "__typename")
        .flatMap((field) => {
          const key = (field.alias ?? field.name).value;
          // A client's own alias may look like that as well: whoever knows what the client asks for finds the right one.
          return plannerAlias.test(key) ? [key.replace(plannerAlias, ""), key] : [key];
        }),
    ),
  ];
  const root = fieldsOf(operation?.selectionSet, null);
  const entities = root.find((field) => field.name.value === "_entities")?.selectionSet;
  return {
    isOfEntities: root.some((field) => field.name.value === "_entities"),
    root: keysOf(root),
    ofEntity(typeName) {
      const keys = keysOf(fieldsOf(entities, typeName));
      // A fragment on an interface that the type implements: without types, all fragments are taken.
      return keys.length > 0 ? keys : keysOf(fieldsOf(entities, null));
    },
  };
}
