import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/**
 * Counts the selections that each operation of a document comes to with its fragments written out: fields and fragments,
 * at any depth. That is what a planner has to look at, and it can be exponential in the length of the document:
 * `fragment A on T { x: t { ...B } y: t { ...B } }` doubles what is in B.
 *
 * A fragment is counted once, however often it is spread, so that counting takes time in proportion to the document. One
 * that is spread again in the same selection set, under no other condition, adds nothing (GraphQL, section 6.3.2). A
 * cycle counts as nothing: validation reports it.
 *
 * @returns a function that gives the count of one operation; Infinity where it is beyond what a number holds
 */
export function createSelectionCounter({
  definitions,
}: DocumentNode): (operation: OperationDefinitionNode) => number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of definitions)
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const counted = new Map<string, number>();

  const countFragment = (name: string): number => {
    const known = counted.get(name);
    if (known !== undefined) return known;
    counted.set(name, 0);
    const fragment = fragments.get(name);
    const count = fragment === undefined ? 0 : countSet(fragment.selectionSet);
    counted.set(name, count);
    return count;
  };
  const countSet = ({ selections }: SelectionSetNode): number => {
    const spread = new Set<string>();
    let count = 0;
    for (const selection of selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        count += 1 + (selection.selectionSet === undefined ? 0 : countSet(selection.selectionSet));
        continue;
      }
      const name = selection.name.value;
      if ((selection.directives ?? []).length === 0) {
        if (spread.has(name)) continue;
        spread.add(name);
      }
      count += 1 + countFragment(name);
    }
    return count;
  };
  return ({ selectionSet }) => countSet(selectionSet);
}

/** Says that an operation selects too much. */
export function tooManySelections(operation: string, count: number, limit: number): string {
  const many = count < 1e9 ? `${count}` : "more than a billion";
  return `${operation} selects ${many} fields and fragments once its fragments are written out; at most ${limit} are taken.`;
}
