import {
  type ArgumentNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type IntValueNode,
  Kind,
  type OperationDefinitionNode,
  print,
  visit,
} from "graphql";

/** Their numbers are sizes of pages, which say nothing about anybody and a lot about what an operation costs. */
const pageSizes: ReadonlySet<string> = new Set(["first", "last"]);

/**
 * The text that an operation is counted under: the operation and the fragments that it uses, without comments, printed
 * alike however it was laid out. It stays valid GraphQL, but tells nothing of anybody: strings are empty, numbers are 0
 * (page sizes excepted), and lists of literals have each only once.
 */
export function operationText(document: DocumentNode, operation: OperationDefinitionNode): string {
  const own = ownDocument(document, operation);
  const kept = pageSizesIn(own);
  const { definitions } = visit(own, {
    StringValue: (node) => ({ ...node, value: "", block: false }),
    IntValue: (node) => (kept.has(node) ? undefined : { ...node, value: "0" }),
    FloatValue: (node) => ({ ...node, value: "0" }),
    ListValue: {
      leave: (node) => ({
        ...node,
        values: [...new Map(node.values.map((value) => [print(value), value])).values()],
      }),
    },
  });
  const nameOf = (definition: (typeof definitions)[number]) =>
    definition.kind === Kind.FRAGMENT_DEFINITION ? definition.name.value : "";
  const sorted = [...definitions].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  return print({ kind: Kind.DOCUMENT, definitions: sorted });
}

/** An operation with the fragments that it uses. Others of the document are not looked at: there can be very many. */
function ownDocument(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const used = new Set<FragmentDefinitionNode>();
  const left: (OperationDefinitionNode | FragmentDefinitionNode)[] = [operation];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(fragment)) return;
        used.add(fragment);
        left.push(fragment);
      },
    });
  }
  return { kind: Kind.DOCUMENT, definitions: [operation, ...used] };
}

/** The numbers in a document that are sizes of pages, also where a variable has them as its default. */
function pageSizesIn(document: DocumentNode): ReadonlySet<IntValueNode> {
  const kept = new Set<IntValueNode>();
  const variables = new Set<string>();
  visit(document, {
    Argument({ name, value }: ArgumentNode) {
      if (!pageSizes.has(name.value)) return;
      if (value.kind === Kind.INT) kept.add(value);
      if (value.kind === Kind.VARIABLE) variables.add(value.name.value);
    },
  });
  visit(document, {
    VariableDefinition({ variable, defaultValue }) {
      if (defaultValue?.kind === Kind.INT && variables.has(variable.name.value)) kept.add(defaultValue);
    },
  });
  return kept;
}
