import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from "graphql";

/** How large one selection set is, fragments expanded. */
export interface OperationSize {
  /** Deepest nesting of fields: `{ a { b } }` is 2 deep. */
  readonly depth: number;
  /** How many fields have an alias. */
  readonly aliases: number;
}

const nothing: OperationSize = { depth: 0, aliases: 0 };

/**
 * Makes what measures a document's selections. Each fragment is measured once, so that fragments which spread each
 * other many times cost no more than the document is long. A cycle counts as nothing: validation reports it.
 */
export function createOperationMeasure(
  document: DocumentNode,
): (selections: SelectionSetNode) => OperationSize {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const measured = new Map<string, OperationSize>();

  const measureFragment = (name: string): OperationSize => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment === undefined ? nothing : measure(fragment.selectionSet);
    measured.set(name, size);
    return size;
  };
  const measure = (set: SelectionSetNode): OperationSize => {
    let depth = 0;
    let aliases = 0;
    for (const node of set.selections) {
      let size: OperationSize;
      if (node.kind === Kind.FRAGMENT_SPREAD) size = measureFragment(node.name.value);
      else if (node.kind === Kind.INLINE_FRAGMENT) size = measure(node.selectionSet);
      else {
        const below = node.selectionSet === undefined ? nothing : measure(node.selectionSet);
        size = { depth: below.depth + 1, aliases: below.aliases + (node.alias === undefined ? 0 : 1) };
      }
      depth = Math.max(depth, size.depth);
      aliases += size.aliases;
    }
    return { depth, aliases };
  };
  return measure;
}
