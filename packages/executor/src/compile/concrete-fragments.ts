import {
  type DocumentNode,
  type FragmentSpreadNode,
  getNamedType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { fragmentsOf } from "./plain-mutations.ts";

/** How many copies of selections a document may get, at most: what is beyond them stays as it is. */
const MOST_COPIES = 64;

type Fragment = FragmentSpreadNode | InlineFragmentNode;

/**
 * Writes fragments on one interface or union inside of another for each object type that is of both:
 * `... on Land { wheels }` in a `Vehicle` becomes `... on Car { ... on Land { wheels } }` and so on.
 *
 * The meaning stays the same. The planner fails at the first form where both are interface objects of one subgraph.
 *
 * @returns the document itself where it has none of these
 */
export function withConcreteFragments(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const typeInfo = new TypeInfo(schema);
  const fragments = fragmentsOf(document);
  let left = MOST_COPIES;
  const typesOf = (fragment: Fragment): readonly string[] => {
    const { typeCondition } =
      fragment.kind === Kind.INLINE_FRAGMENT ? fragment : { ...fragments.get(fragment.name.value) };
    const condition = typeCondition === undefined ? undefined : schema.getType(typeCondition.name.value);
    const around = getNamedType(typeInfo.getParentType());
    if (!isAbstractType(around) || !isAbstractType(condition) || around === condition) return [];
    const types = schema.getPossibleTypes(around).filter((each) => schema.isSubType(condition, each));
    return types.map(({ name }) => name);
  };
  const written = (selection: SelectionNode): readonly SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    const types = typesOf(selection);
    if (types.length === 0 || types.length > left) return [selection];
    left -= types.length;
    return types.map((type) => fragmentOn(type, selection));
  };
  const visitor = visitWithTypeInfo(typeInfo, {
    SelectionSet: {
      enter(node) {
        const selections = node.selections.flatMap(written);
        return selections.every((each, index) => each === node.selections[index])
          ? undefined
          : { ...node, selections };
      },
    },
  });
  return visit(document, visitor);
}

function fragmentOn(type: string, selection: SelectionNode): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
    selectionSet: { kind: Kind.SELECTION_SET, selections: [selection] },
  };
}
