import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { Path } from "./failure.ts";

/**
 * Makes a function that tells whether an operation asks for a field at a place of its response, whatever the types of
 * the objects on the way.
 *
 * @param document has the operation's fragments
 */
export function createAskedFields(
  document: DocumentNode,
  { selectionSet }: OperationDefinitionNode,
): (place: Path) => boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const root: Fields = { sets: [selectionSet], byKey: null };
  return (place) => {
    let fields: Fields | undefined = root;
    for (const key of place) {
      if (typeof key === "number") continue;
      fields.byKey ??= fieldsOf(fields.sets, fragments);
      fields = fields.byKey.get(key);
      if (fields === undefined) return false;
    }
    return true;
  };
}

/** What is selected at one place: looked into when somebody asks, and once. */
interface Fields {
  readonly sets: SelectionSetNode[];
  byKey: ReadonlyMap<string, Fields> | null;
}

function fieldsOf(
  sets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlyMap<string, Fields> {
  const byKey = new Map<string, Fields>();
  const spread = new Set<string>();
  const open = [...sets];
  for (let set = open.pop(); set !== undefined; set = open.pop()) {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        const known = byKey.get(key) ?? { sets: [], byKey: null };
        byKey.set(key, known);
        if (node.selectionSet !== undefined) known.sets.push(node.selectionSet);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        open.push(node.selectionSet);
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined) open.push(fragment.selectionSet);
      }
    }
  }
  return byKey;
}
