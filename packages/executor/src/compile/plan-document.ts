import {
  type ASTNode,
  type ASTVisitor,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Requirements } from "./requirements.ts";
import { typeApplies } from "./types.ts";

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

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
 * - Mutations in a fragment are put where the fragment is. The planner puts what comes of a named fragment first, and
 *   mutations are to be run in order (GraphQL, section 6.2.2).
 */
export function planDocument(document: DocumentNode, options: PlanDocumentOptions): DocumentNode {
  const typeInfo = new TypeInfo(options.schema);
  const visitor = wording(fragmentsOf(document), { ...options, typeInfo });
  const worded = visit(document, visitWithTypeInfo(typeInfo, visitor));
  return withPlainMutations(worded, fragmentsOf(worded));
}

function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
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

function withPlainMutations(document: DocumentNode, fragments: Fragments): DocumentNode {
  const plain = (selection: SelectionNode): readonly SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const inner = fragment?.selectionSet.selections.flatMap(plain) ?? [];
    return inner.map((each) => underConditions(each, selection.directives ?? []));
  };
  let changed = false;
  const definitions = document.definitions.map((definition) => {
    const isMutation =
      definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.MUTATION;
    if (!isMutation || definition.selectionSet.selections.every(({ kind }) => kind === Kind.FIELD))
      return definition;
    changed = true;
    const { selections } = definition.selectionSet;
    return {
      ...definition,
      selectionSet: { ...definition.selectionSet, selections: selections.flatMap(plain) },
    };
  });
  return changed ? withoutUnused({ ...document, definitions }) : document;
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

/** A selection with conditions more: its own, where it has none of that kind. */
function underConditions(selection: SelectionNode, conditions: readonly DirectiveNode[]): SelectionNode {
  const own = selection.directives ?? [];
  if (conditions.length === 0) return selection;
  const isFree = conditions.every((each) => own.every(({ name }) => name.value !== each.name.value));
  if (isFree) return { ...selection, directives: [...own, ...conditions] };
  return {
    kind: Kind.INLINE_FRAGMENT,
    directives: conditions,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [selection] },
  };
}
