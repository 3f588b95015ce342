import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { conditionOf, type Fragments, fragmentsOf, withPlainMutations } from "./plain-mutations.ts";
import type { Requirements } from "./requirements.ts";
import { typeApplies } from "./types.ts";

interface PlanDocumentOptions extends Pick<Requirements, "requiring"> {
  /** What clients see. */
  readonly schema: GraphQLSchema;
}

/**
 * Writes an operation in other words, for the planner alone: what it means, and what it gives, stay the same.
 *
 * - `price @include(if: $with)` of a field with `@requires` becomes `... on Book @include(if: $with) { price }`. For a field
 *   with a condition, the planner asks for an entity only with what that field needs, and nothing comes of the fields
 *   beside it where the field is skipped (apollographql/federation#3317).
 * - `box { size @include(if: $with) }` becomes `box { __typename size @include(if: $with) }`. Where everything inside
 *   has one condition, the planner makes it that of the box, which is not asked for then; nor is it where all inside is
 *   of types that the box is not of.
 * - `... @include(if: $with) { price }` becomes `... on Book @include(if: $with) { price }`. The planner gives an alias to one
 *   of two fields that cannot be asked for under one name, but does not find it in a fragment without a type.
 * - `price @skip(if: true)` is left out. Where a field with `@requires` needs it, the planner never asks for that one either.
 * - Mutations are plain fields, each once; see there.
 */
export function planDocument(document: DocumentNode, options: PlanDocumentOptions): DocumentNode {
  const typeInfo = new TypeInfo(options.schema);
  const known = {
    fragments: fragmentsOf(document),
    schema: options.schema,
    conditional: new Map<string, boolean>(),
  };
  const visitor = wording(known, { ...options, typeInfo });
  const worded = visit(document, visitWithTypeInfo(typeInfo, visitor));
  return withPlainMutations(worded);
}

interface Known {
  readonly fragments: Fragments;
  readonly schema: GraphQLSchema;
  /** What was found of fragments, by name and by the type that they are looked at for: they can be nested in many ways. */
  readonly conditional: Map<string, boolean>;
}

function wording(
  known: Known,
  { requiring, typeInfo }: PlanDocumentOptions & { readonly typeInfo: TypeInfo },
): ASTVisitor {
  return {
    Field: {
      enter: (field) => (field.name.value.startsWith("__") ? false : undefined),
      leave(field): FieldNode | InlineFragmentNode | undefined {
        const { selectionSet } = field;
        const type = getNamedType(typeInfo.getType())?.name;
        const mayBeEmpty =
          selectionSet !== undefined && type !== undefined && isConditional(selectionSet, type, known);
        const told = mayBeEmpty ? { ...field, selectionSet: withTypename(selectionSet) } : field;
        if (requiring.has(field.name.value) && hasVariableCondition(field))
          return asFragment(told, typeInfo.getParentType());
        return mayBeEmpty ? told : undefined;
      },
    },
    SelectionSet: {
      enter(selectionSet): SelectionSetNode | undefined {
        const { selections } = selectionSet;
        const taken = selections.filter((each) => conditionOf(each) !== null);
        if (taken.length === selections.length) return undefined;
        const rest = { ...selectionSet, selections: taken };
        return taken.length === 0 ? withTypename(rest) : rest;
      },
    },
    InlineFragment: {
      leave(fragment): InlineFragmentNode | undefined {
        const parentType = typeInfo.getParentType();
        if (fragment.typeCondition !== undefined || !hasCondition(fragment) || parentType == null)
          return undefined;
        return { ...fragment, typeCondition: namedType(parentType) };
      },
    },
  };
}

/** Whether nothing may remain of a selection: all of it may be skipped, or is of other types. */
function isConditional({ selections }: SelectionSetNode, type: string, known: Known): boolean {
  return selections.every((selection) => {
    if (hasCondition(selection)) return true;
    if (selection.kind === Kind.FIELD) return false;
    if (selection.kind === Kind.INLINE_FRAGMENT) return isConditionalFragment(selection, type, known);
    const key = `${selection.name.value} ${type}`;
    let found = known.conditional.get(key);
    if (found === undefined) {
      const fragment = known.fragments.get(selection.name.value);
      found = fragment === undefined || isConditionalFragment(fragment, type, known);
      known.conditional.set(key, found);
    }
    return found;
  });
}

function isConditionalFragment(
  { typeCondition, selectionSet }: InlineFragmentNode | FragmentDefinitionNode,
  type: string,
  known: Known,
): boolean {
  const condition = typeCondition?.name.value;
  if (condition !== undefined && !typeApplies(known.schema, condition, type)) return true;
  return isConditional(selectionSet, type, known);
}

function hasCondition({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name }) => name.value === "skip" || name.value === "include");
}

/** Whether it is only known with the variables if a field is skipped. The planner knows what to do with the others. */
function hasVariableCondition(field: FieldNode): boolean {
  const condition = conditionOf(field);
  return condition !== null && condition.size > 0;
}

function withTypename(selectionSet: SelectionSetNode): SelectionSetNode {
  const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };
  return { ...selectionSet, selections: [typename, ...selectionSet.selections] };
}

function asFragment(
  { directives = [], ...field }: FieldNode,
  parentType: GraphQLCompositeType | null | undefined,
): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(parentType == null ? {} : { typeCondition: namedType(parentType) }),
    directives,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  };
}

function namedType({ name }: GraphQLCompositeType): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } };
}
