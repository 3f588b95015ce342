import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { type Fragments, fragmentsOf, withPlainMutations } from "./plain-mutations.ts";
import type { Requirements } from "./requirements.ts";
import { typeApplies } from "./types.ts";

interface PlanDocumentOptions extends Pick<Requirements, "requiring"> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
}

/**
 * Writes an operation in other words, for the planner alone: what it means, and what it gives, stay the same.
 *
 * - `price @include(if: $with)` of a field with `@requires` becomes `... @include(if: $with) { price }`. For a field
 *   with a condition, the planner asks for an entity only with what that field needs, and nothing comes of the fields
 *   beside it where the field is skipped (apollographql/federation#3317).
 * - `box { size @include(if: $with) }` becomes `box { __typename size @include(if: $with) }`. Where everything inside
 *   has one condition, the planner makes it that of the box, which is not asked for then; nor is it where all inside is
 *   of types that the box is not of.
 * - Mutations are plain fields, each once; see there.
 */
export function planDocument(document: DocumentNode, options: PlanDocumentOptions): DocumentNode {
  const typeInfo = new TypeInfo(options.schema);
  const visitor = wording(fragmentsOf(document), { ...options, typeInfo });
  const worded = visit(document, visitWithTypeInfo(typeInfo, visitor));
  return withPlainMutations(worded);
}

function wording(
  fragments: Fragments,
  { requiring, schema, typeInfo }: PlanDocumentOptions & { readonly typeInfo: TypeInfo },
): ASTVisitor {
  return {
    Field: {
      enter: (field) => (field.name.value.startsWith("__") ? false : undefined),
      leave(field): FieldNode | InlineFragmentNode | undefined {
        const { selectionSet } = field;
        const type = getNamedType(typeInfo.getType())?.name;
        const mayBeEmpty =
          selectionSet !== undefined &&
          type !== undefined &&
          isConditional(selectionSet, type, { fragments, schema });
        const told = mayBeEmpty ? { ...field, selectionSet: withTypename(selectionSet) } : field;
        if (requiring.has(field.name.value) && hasCondition(field)) return asFragment(told);
        return mayBeEmpty ? told : undefined;
      },
    },
  };
}

/** Whether nothing may remain of a selection: all of it may be skipped, or is of other types. */
function isConditional(
  { selections }: SelectionSetNode,
  type: string,
  known: { readonly fragments: Fragments; readonly schema: GraphQLSchema },
): boolean {
  return selections.every((selection) => {
    if (hasCondition(selection)) return true;
    if (selection.kind === Kind.FIELD) return false;
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : known.fragments.get(selection.name.value);
    if (fragment === undefined) return true;
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && !typeApplies(known.schema, condition, type)) return true;
    return isConditional(fragment.selectionSet, type, known);
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
