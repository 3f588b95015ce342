import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import type { Requirements } from "./requirements.ts";

/**
 * Writes an operation in other words, for the planner alone: what it means, and what it gives, stay the same.
 *
 * - `price @include(if: $with)` of a field with `@requires` becomes `... @include(if: $with) { price }`. For a field
 *   with a condition, the planner asks for an entity only with what that field needs, and nothing comes of the fields
 *   beside it where the field is skipped (apollographql/federation#3317).
 * - `box { size @include(if: $with) }` becomes `box { __typename size @include(if: $with) }`. Where everything inside
 *   has one condition, the planner makes it that of the box, which is not asked for then.
 */
export function planDocument(document: DocumentNode, { requiring }: Requirements): DocumentNode {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return visit(document, {
    Field: {
      enter: (field) => (field.name.value.startsWith("__") ? false : undefined),
      leave(field): FieldNode | InlineFragmentNode | undefined {
        const { selectionSet } = field;
        const isEmptyable = selectionSet !== undefined && isConditional(selectionSet, fragments);
        const told = isEmptyable ? { ...field, selectionSet: withTypename(selectionSet) } : field;
        if (requiring.has(field.name.value) && hasCondition(field)) return asFragment(told);
        return isEmptyable ? told : undefined;
      },
    },
  });
}

/** Whether all that is selected may be skipped. */
function isConditional(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): boolean {
  return selections.every((selection) => {
    if (hasCondition(selection)) return true;
    if (selection.kind === Kind.FIELD) return false;
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return inner !== undefined && isConditional(inner.selectionSet, fragments);
  });
}

function hasCondition({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name }) => name.value === "skip" || name.value === "include");
}

function withTypename(selectionSet: SelectionSetNode): SelectionSetNode {
  const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };
  return { ...selectionSet, selections: [typename, ...selectionSet.selections] };
}

function asFragment({ directives = [], ...field }: FieldNode): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    directives,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  };
}
