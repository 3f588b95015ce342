import {
  type ASTNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  OperationTypeNode,
  print,
  type SelectionNode,
  visit,
} from "graphql";

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/**
 * Writes the fields of a mutation side by side, without fragments, and each once. They are to be run in order, and one
 * with the same response name as another is the same (GraphQL, sections 6.2.2 and 6.3.2). The planner puts what comes
 * of a named fragment first, and what is asked for in two places, with different conditions, it runs twice.
 */
export function withPlainMutations(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const plain = (selection: SelectionNode): readonly SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const inner = fragment?.selectionSet.selections.flatMap(plain) ?? [];
    return inner.map((each) => underConditions(each, selection.directives ?? []));
  };
  let changed = false;
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    if (definition.operation !== OperationTypeNode.MUTATION) return definition;
    const { selections } = definition.selectionSet;
    const merged = eachOnce(selections.flatMap(plain));
    if (merged.length === selections.length && selections.every(({ kind }) => kind === Kind.FIELD))
      return definition;
    changed = true;
    return { ...definition, selectionSet: { ...definition.selectionSet, selections: merged } };
  });
  return changed ? withoutUnused({ ...document, definitions }) : document;
}

/** A selection under conditions more: its own, where it has none of that kind. */
function underConditions(selection: SelectionNode, conditions: readonly DirectiveNode[]): SelectionNode {
  if (conditions.length === 0) return selection;
  const own = selection.directives ?? [];
  const isFree = conditions.every((each) => own.every(({ name }) => name.value !== each.name.value));
  return isFree ? { ...selection, directives: [...own, ...conditions] } : fragmentOf([selection], conditions);
}

/**
 * Joins fields with one response name, at the first of them. Where that one has conditions that others do not have, it
 * stays by itself: whether, and where, it is run is only known with the variables.
 */
function eachOnce(selections: readonly SelectionNode[]): readonly SelectionNode[] {
  const joined: SelectionNode[] = [];
  const positions = new Map<string, number>();
  for (const selection of selections) {
    const name = selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : "";
    const position = positions.get(name);
    const first = position === undefined ? undefined : joined[position];
    const both = selection.kind === Kind.FIELD && first?.kind === Kind.FIELD ? join(first, selection) : null;
    if (position !== undefined && both !== null) {
      joined[position] = both;
    } else {
      if (selection.kind === Kind.FIELD && position === undefined) positions.set(name, joined.length);
      joined.push(selection);
    }
  }
  return joined;
}

function join(first: FieldNode, other: FieldNode): FieldNode | null {
  const [own = [], conditions = []] = [first.directives, other.directives];
  const isEqual = own.map(print).sort().join(" ") === conditions.map(print).sort().join(" ");
  if (own.length > 0 && !isEqual) return null;
  if (first.selectionSet === undefined || other.selectionSet === undefined) return first;
  const more = other.selectionSet.selections;
  const inner = isEqual ? more : [fragmentOf(more, conditions)];
  const selections = [...first.selectionSet.selections, ...inner];
  return { ...first, selectionSet: { ...first.selectionSet, selections } };
}

function fragmentOf(
  selections: readonly SelectionNode[],
  directives: readonly DirectiveNode[],
): SelectionNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    directives,
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
}

/** The planner brings fragments back that it finds in a document. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const used = new Set<string>();
  const use = (node: ASTNode) =>
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(name.value)) return;
        used.add(name.value);
        use(fragment);
      },
    });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) use(definition);
  }
  const isUsed = (definition: DefinitionNode) =>
    definition.kind !== Kind.FRAGMENT_DEFINITION || used.has(definition.name.value);
  return { ...document, definitions: document.definitions.filter(isUsed) };
}
