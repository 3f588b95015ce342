import {
  type ArgumentNode,
  type DocumentNode,
  type IntValueNode,
  Kind,
  type OperationDefinitionNode,
  print,
  separateOperations,
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
  const own = separateOperations(document)[operation.name?.value ?? ""] ?? document;
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
